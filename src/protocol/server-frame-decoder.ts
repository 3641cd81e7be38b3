import type { ServerFrame } from './client-frames.ts'

/** What each type must have at least. */
const FIELDS: Readonly<
  Record<ServerFrame['type'], Readonly<Record<string, 'string' | 'number' | 'boolean' | 'list' | 'object'>>>
> = {
  welcome: { node: 'string', heartbeatMs: 'number', limits: 'object', addresses: 'list' },
  events: { conversation: 'string', events: 'list' },
  ack: { conversation: 'string', key: 'string', seq: 'number' },
  refused: { code: 'string', definite: 'boolean' },
  status: { conversation: 'string', status: 'string' },
  typing: { conversation: 'string', from: 'string', on: 'boolean' },
  seen: { conversation: 'string', from: 'string', seq: 'number' },
  notice: { conversation: 'string', from: 'string', notice: 'string' },
  ended: { conversation: 'string', code: 'string' },
  goaway: { withinMs: 'number' },
  ping: {},
  pong: {},
}

/**
 * A frame of a server, or `undefined` for one that this version does not know: a newer server says more, and what it
 * says besides is not for us. Never throws. Small on purpose, as it is part of every page.
 */
export function decodeServerFrame(source: string): ServerFrame | undefined {
  const value = parsed(source)
  if (typeof value !== 'object' || value === null) return undefined
  const type: unknown = Reflect.get(value, 'type')
  if (typeof type !== 'string' || !Object.hasOwn(FIELDS, type)) return undefined
  const fields = Object.entries(FIELDS[type as ServerFrame['type']])
  if (!fields.every(([name, kind]) => kindOf(Reflect.get(value, name)) === kind)) return undefined
  const frame = value as ServerFrame
  return frame.type === 'events' && !frame.events.every(isPlaced) ? undefined : frame
}

/** Events are applied by their place: one without a place would break whoever applies it. */
function isPlaced(event: unknown): boolean {
  return typeof event === 'object' && event !== null && Number.isSafeInteger(Reflect.get(event, 'seq'))
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  return Array.isArray(value) ? 'list' : typeof value
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}
