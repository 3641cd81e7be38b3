import type { ServerFrame } from './client-frames.ts'

const TYPES: Readonly<Record<ServerFrame['type'], readonly string[]>> = {
  welcome: ['node', 'heartbeatMs', 'addresses'],
  events: ['conversation', 'events'],
  ack: ['conversation', 'key', 'seq'],
  refused: ['code', 'definite'],
  status: ['conversation', 'status'],
  typing: ['conversation', 'from', 'on'],
  seen: ['conversation', 'from', 'seq'],
  ended: ['conversation', 'code'],
  goaway: ['withinMs'],
  ping: [],
  pong: [],
}

/**
 * A frame of a server, or `undefined` for one that this version does not know: a newer server says more, and what it
 * says besides is not for us. Small on purpose, as it is part of every page.
 */
export function decodeServerFrame(source: string): ServerFrame | undefined {
  try {
    const value: unknown = JSON.parse(source)
    if (typeof value !== 'object' || value === null) return undefined
    const fields = TYPES[Reflect.get(value, 'type') as ServerFrame['type']]
    return fields?.every((field) => Object.hasOwn(value, field)) ? (value as ServerFrame) : undefined
  } catch {
    return undefined
  }
}
