import { isDeepStrictEqual } from 'node:util'
import { bytesOf, close, joined, ping, text } from '../chaos/frame-bytes.ts'
import { handshake, SAMPLE_ACCEPT } from '../chaos/handshake-text.ts'
import type { ConformanceCase, Expected } from './conformance-case.ts'
import { type Heard, RawPeer } from './raw-peer-node.ts'

/** What is tested: an address, and a token that is good there. */
export interface Door {
  readonly host: string
  readonly port: number
  readonly token: string
}

interface CaseVerdict {
  readonly case: ConformanceCase
  /** Absent: it went as it must. */
  readonly fault?: string
}

const PROBE = bytesOf('still there?')
const GOODBYE = 4000
/** How many cases run beside each other. */
const LANES = 16

/** Runs all cases against one door, several at a time: a case must not notice its neighbours. */
export async function runCases(cases: readonly ConformanceCase[], door: Door): Promise<readonly CaseVerdict[]> {
  const verdicts: CaseVerdict[] = []
  let begun = 0
  const lane = async () => {
    while (begun < cases.length) {
      const index = begun++
      const each = cases[index]
      if (each) verdicts[index] = await runCase(each, door, index)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  return verdicts
}

async function runCase(each: ConformanceCase, door: Door, index: number): Promise<CaseVerdict> {
  const peer = new RawPeer(door)
  try {
    await begin(peer, each, door, index)
    for (const act of each.acts) await peer.act(act)
    for (const expected of each.expect) {
      meets(await spoken(peer), expected)
      // A server that closes waits for this answer; to one that answered us it is nothing.
      if ('close' in expected) await peer.act(close())
    }
    if (each.outcome === 'lives') await livesOn(peer)
    else if (each.outcome === 'ends') await ended(peer)
    return { case: each }
  } catch (error) {
    return { case: each, fault: error instanceof Error ? error.message : String(error) }
  } finally {
    peer.close()
  }
}

async function begin(peer: RawPeer, { start }: ConformanceCase, { token }: Door, index: number): Promise<void> {
  if (start === 'connection') return
  // A page load of its own for each case, so that none takes the place of another.
  const hello = { type: 'hello', token, versions: [1], instance: `case-${index}`, connection: 1, resume: [] }
  const greeting = start === 'welcome' ? [text(JSON.stringify(hello))] : []
  await peer.act(joined([handshake(), ...greeting]))
  meets(await spoken(peer), { http: 101, headers: { 'sec-websocket-accept': SAMPLE_ACCEPT } })
  if (start === 'welcome') meets(await spoken(peer), { frame: { type: 'welcome', version: 1 } })
}

/** The next thing that is not the server's own question whether we are still there. */
async function spoken(peer: RawPeer): Promise<Heard> {
  for (;;) {
    const heard = await peer.next()
    if (heard.kind !== 'text' || fieldsOf(heard.text).type !== 'ping') return heard
  }
}

async function livesOn(peer: RawPeer): Promise<void> {
  await peer.act(ping(PROBE))
  meets(await spoken(peer), { pong: PROBE })
  await peer.act(close(GOODBYE))
  meets(await spoken(peer), { close: GOODBYE })
  await ended(peer)
}

async function ended(peer: RawPeer): Promise<void> {
  const heard = await spoken(peer)
  if (heard.kind !== 'end') throw new Error(`the connection should have ended, but there came ${told(heard)}`)
}

function meets(heard: Heard, expected: Expected): void {
  if (!isMet(heard, expected)) throw new Error(`expected ${shown(expected)}, heard ${told(heard)}`)
}

function isMet(heard: Heard, expected: Expected): boolean {
  if ('http' in expected) {
    if (heard.kind !== 'head' || heard.head.status !== expected.http) return false
    const headers = Object.entries(expected.headers ?? {})
    return headers.every(([name, value]) => (heard.head.headers.get(name) ?? null) === value)
  }
  if ('frame' in expected) {
    if (heard.kind !== 'text') return false
    const fields = fieldsOf(heard.text)
    return Object.entries(expected.frame).every(([name, value]) => isDeepStrictEqual(fields[name], value))
  }
  if ('pong' in expected) return heard.kind === 'pong' && isDeepStrictEqual(heard.payload, bytesOf(expected.pong))
  return heard.kind === 'close' && (heard.code ?? 'none') === expected.close
}

function fieldsOf(source: string): Record<string, unknown> {
  return JSON.parse(source) as Record<string, unknown>
}

function told(heard: Heard): string {
  if (heard.kind === 'head') return `HTTP ${heard.head.status} ${shown([...heard.head.headers])}`
  return heard.kind === 'end' ? 'the end of the connection' : shown(heard)
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, each) => (each instanceof Uint8Array ? Buffer.from(each).toString('hex') : each))
}
