/** The graph that sigma draws: it says nothing, but remembers what has been touched. */
import { MultiDirectedGraph } from 'graphology';
import type { ILineLook, INodeLook } from './look';

export interface INodeAttributes extends INodeLook {
  /** Graph units, y upwards. */
  x: number;
  y: number;
}

/** Keys of what has been added or changed. */
export interface ITouched {
  readonly nodes: string[];
  readonly edges: string[];
}

/** Sigma would look at all of a graph for each of its events; `takeTouched` tells it in one go. */
export class SilentGraph extends MultiDirectedGraph<INodeAttributes, ILineLook> {
  constructor() {
    super();
    const emit = this.emit.bind(this);
    this.emit = (type, ...args) => {
      const isHovered = type === 'nodeDropped' && (args[0] as { key: string }).key === this.hovered;
      return isHovered && emit(type, ...args);
    };
  }

  /** The node last under the pointer: sigma must hear that it is gone, or it goes on drawing it. */
  hovered = '';

  /** Add a node or give it another look; one that looks the same is left alone. */
  putNode(key: string, look: INodeAttributes): void {
    if (!this.hasNode(key)) {
      this.addNode(key, look);
    } else if (isSame(this.getNodeAttributes(key), look)) {
      return;
    } else {
      this.replaceNodeAttributes(key, look);
    }
    this._touchedNodes.add(key);
  }

  /** Change some of a node's looks, if it is there. */
  changeNode(key: string, look: Partial<INodeAttributes>): void {
    if (this.hasNode(key) && !isSame<Partial<INodeAttributes>>(this.getNodeAttributes(key), look)) {
      this.mergeNodeAttributes(key, look);
      this._touchedNodes.add(key);
    }
  }

  /** Add a line or give it another look; it needs both its ends. */
  putLine(key: string, source: string, target: string, look: ILineLook): void {
    if (!this.hasEdge(key)) {
      if (!this.hasNode(source) || !this.hasNode(target)) {
        return;
      }
      this.addDirectedEdgeWithKey(key, source, target, look);
    } else if (isSame(this.getEdgeAttributes(key), look)) {
      return;
    } else {
      this.replaceEdgeAttributes(key, look);
    }
    this._touchedEdges.add(key);
  }

  removeNode(key: string): void {
    if (this.hasNode(key)) {
      this.dropNode(key);
    }
  }

  removeLine(key: string): void {
    if (this.hasEdge(key)) {
      this.dropEdge(key);
    }
  }

  /** What has been touched since this was last asked, as far as it is still there. */
  takeTouched(): ITouched {
    const touched = {
      nodes: [...this._touchedNodes].filter(key => this.hasNode(key)),
      edges: [...this._touchedEdges].filter(key => this.hasEdge(key))
    };
    this._touchedNodes.clear();
    this._touchedEdges.clear();
    return touched;
  }

  private readonly _touchedNodes = new Set<string>();
  private readonly _touchedEdges = new Set<string>();
}

function isSame<T extends object>(a: T, b: T): boolean {
  return (Object.keys(b) as (keyof T)[]).every(name => a[name] === b[name]);
}
