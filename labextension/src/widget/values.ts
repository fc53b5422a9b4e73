/** What functions in Python say of nodes that changed, as the kernel sends it. */
import type { ChannelName, IChannels } from '../canvas/looks';
import { setValues } from '../canvas/looks';

const NAMES: ReadonlySet<string> = new Set<ChannelName>(['color', 'size', 'label', 'filter']);

/** The channels after a message of the widget; null: it is about something else. */
export function withValues(channels: IChannels, message: unknown): IChannels | null {
  if (typeof message !== 'object' || message === null) {
    return null;
  }
  const { kind, channel, values } = message as Record<string, unknown>;
  const isOne = kind === 'values' && typeof channel === 'string' && NAMES.has(channel);
  return isOne && typeof values === 'object' && values !== null
    ? setValues(channels, channel as ChannelName, values as Record<string, unknown>)
    : null;
}
