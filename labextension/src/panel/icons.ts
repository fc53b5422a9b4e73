/** The extension's own icons; their `jp-icon` classes make them follow the theme. */
import { LabIcon } from '@jupyterlab/ui-components';

function icon(name: string, body: string): LabIcon {
  const svgstr = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">${body}</svg>`;
  return new LabIcon({ name: `graph-ext:${name}`, svgstr });
}

const fill = 'class="jp-icon3 jp-icon-selectable" fill="#616161"';
const line =
  'class="jp-icon3" stroke="#616161" stroke-width="2" stroke-linecap="round" style="fill:none"';

const nodes =
  '<circle cx="5.5" cy="12" r="3.2"/><circle cx="17.5" cy="5.5" r="3.2"/>' +
  '<circle cx="17.5" cy="18.5" r="3.2"/>';

export const graphIcon = icon(
  'graph',
  `<g ${fill}><path d="m7.4 9.9 7.2-4 1 1.7-7.2 4zM8.4 12.5l7.2 4-1 1.7-7.2-4z"/>${nodes}</g>`
);

/** The launcher's card shows it large and in the brand's colour. */
export const graphLauncherIcon = icon(
  'graph-launcher',
  '<g class="jp-icon-brand0 jp-icon-selectable" fill="#0d47a1">' +
    `<path d="m7.4 9.9 7.2-4 1 1.7-7.2 4zM8.4 12.5l7.2 4-1 1.7-7.2-4z"/>${nodes}</g>`
);

export const addNodeIcon = icon(
  'add-node',
  `<g ${line}><circle cx="9.5" cy="13.5" r="5.5"/><path d="M18 3v7M14.5 6.5h7"/></g>`
);

export const addLinkIcon = icon(
  'add-link',
  `<g ${line}><circle cx="5.5" cy="18.5" r="2.8"/><circle cx="18.5" cy="18.5" r="2.8"/>` +
    '<path d="M8.5 18.5h7M12 4v8M8 8h8"/></g>'
);

export const fitIcon = icon(
  'fit',
  `<g ${line}><path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/><circle cx="12" cy="12" r="2.2"/></g>`
);

export const layoutIcon = icon(
  'layout',
  `<g ${line}><rect x="9" y="3" width="6" height="5" rx="1"/><rect x="3" y="16" width="6" height="5" rx="1"/>` +
    '<rect x="15" y="16" width="6" height="5" rx="1"/><path d="M12 8v4M6 16v-4h12v4"/></g>'
);

export const sidePanelIcon = icon(
  'side-panel',
  `<g ${line}><rect x="3.5" y="4.5" width="17" height="15" rx="1.5"/><path d="M14.5 4.5v15"/></g>`
);
