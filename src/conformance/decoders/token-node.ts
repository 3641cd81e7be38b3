import fc from 'fast-check'
import { isId } from '../../base/ids.ts'
import { silentLog } from '../../base/log.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { stagedKeys } from '../../config/private-keys-stage.ts'
import type { Claims } from '../../protocol/tokens.ts'
import { SigningKeys } from '../../server/signing-keys-node.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import { type FuzzedDecoder, mustHold } from '../fuzzed-decoder.ts'
import { CONVERSATION } from './client-frame-shapes.ts'
import { nearly, textOf } from './json-shapes.ts'

const VISITOR = {
  kind: 'visitor',
  subject: 'v',
  name: 'V',
  conversation: CONVERSATION,
  system: 'https://c',
  topic: 't',
} as const
const STAFF = { kind: 'staff', subject: 'a', name: 'A', role: 'agent', scopes: ['conversations'] } as const
const LIFETIME_MS = 60_000

/** A token as anybody may write it; or, as JSON, claims that a node of another version signed. */
export async function open(): Promise<FuzzedDecoder> {
  const documents = new MemoryStore({ now: () => 0 })
  const keys = new SigningKeys({
    documents,
    keys: stagedKeys(documents),
    publicUrl: 'https://c',
    clock: new ManualClock(),
    log: silentLog,
  })
  await keys.start()
  keys.stop()
  return {
    seeds: [
      keys.issue(VISITOR, LIFETIME_MS),
      keys.issue(STAFF, LIFETIME_MS),
      JSON.stringify(VISITOR),
      JSON.stringify(STAFF),
      'a.b.c',
      '',
    ],
    words: [
      '.',
      'eyJhbGciOiJub25lIn0',
      ...Object.keys({ ...VISITOR, ...STAFF }),
      'admin',
      'tokens',
      'bot',
      'supervisor',
    ],
    drawn: fc.oneof(nearly(VISITOR), nearly(STAFF), nearly({ ...STAFF, exp: 1, iss: 'x', aud: 'y', sub: 'z' })),
    read(input) {
      const text = textOf(input)
      const token = text.startsWith('{') ? signed(keys, text) : text
      if (token === undefined) return
      const verdict = keys.verify(token, LIFETIME_MS)
      if (verdict.kind !== 'good') return
      const { claims } = verdict
      mustHold(typeof claims.subject === 'string' && typeof claims.name === 'string', 'who it is for is a text')
      if (claims.kind === 'visitor') mustHold(isId(claims.conversation), "a visitor's conversation has a name")
      else mustHold(Array.isArray(claims.scopes), 'scopes are a list')
      mustHold(Number.isFinite(verdict.expiresAtMs), 'every token ends')
    },
  }
}

/** Whatever the signing library refuses to sign, nobody signs. */
function signed(keys: SigningKeys, text: string): string | undefined {
  try {
    return keys.issue(JSON.parse(text) as Claims, LIFETIME_MS)
  } catch {
    return undefined
  }
}
