/** What the peer does, in its order: sends bytes in one write or one by one, ends its side, or breaks the connection. */
export type Act = Uint8Array | { readonly trickle: Uint8Array } | 'half-close' | 'reset'

/** What must come back, in its order. */
export type Expected =
  /** The answer to the handshake; a header is compared as a whole, `null` must be absent. */
  | { readonly http: number; readonly headers?: Readonly<Record<string, string | null>> }
  /** A text frame with at least these fields. */
  | { readonly frame: Readonly<Record<string, unknown>> }
  | { readonly pong: Uint8Array | string }
  /** A close frame; `none`: one without a code. */
  | { readonly close: number | 'none' }

/**
 * How it ends. `lives`: a ping is answered, and a close frame is answered with the same code before the connection
 * ends. `ends`: the server ends the connection. `any`: whatever happens to this connection, the others do not notice.
 */
export type Outcome = 'lives' | 'ends' | 'any'

/** One case: where it starts, what is done, what must happen. */
export interface ConformanceCase {
  /** Of RFC 6455, or of our own protocol page. */
  readonly section: string
  /** A sentence; unique with its section. */
  readonly title: string
  /** A bare connection, a WebSocket, or one that has said hello and is welcome. */
  readonly start: 'connection' | 'socket' | 'welcome'
  readonly acts: readonly Act[]
  readonly expect: readonly Expected[]
  readonly outcome: Outcome
}

/** Cases of one section: each answers to `lives`, `fails` or `says`. */
export function caseWriter(section: string, start: ConformanceCase['start'] = 'socket') {
  const write = (title: string, acts: readonly Act[], expect: readonly Expected[], outcome: Outcome) =>
    ({ section, title, start, acts, expect, outcome }) satisfies ConformanceCase
  return {
    /** These answers come, and the socket goes on. */
    lives: (title: string, acts: readonly Act[], ...expect: readonly Expected[]) => write(title, acts, expect, 'lives'),
    /** The server closes with this code, and ends the connection. */
    fails: (title: string, code: number | 'none', ...acts: readonly Act[]) =>
      write(title, acts, [{ close: code }], 'ends'),
    /** These answers come, and the connection ends. */
    ends: (title: string, acts: readonly Act[], ...expect: readonly Expected[]) => write(title, acts, expect, 'ends'),
    /** Nothing is promised but that nobody else notices. */
    survives: (title: string, ...acts: readonly Act[]) => write(title, acts, [], 'any'),
  }
}

/** The question of our own protocol, and what answers it. */
export const QUESTION = '{"type":"ping"}'
export const ANSWER: Expected = { frame: { type: 'pong' } }

/** A question of exactly so many bytes. */
export function questionOf(bytes: number): string {
  const [head, tail] = ['{"type":"ping","pad":"', '"}']
  return head + 'x'.repeat(bytes - head.length - tail.length) + tail
}

/** A frame whose type nobody knows: the refusal quotes it, so that it shows how its characters arrived. */
export function unknownType(type: string): string {
  return JSON.stringify({ type })
}

export function quoted(type: string): Expected {
  return { frame: { type: 'refused', code: 'malformed', detail: `There is no frame type "${type}".` } }
}
