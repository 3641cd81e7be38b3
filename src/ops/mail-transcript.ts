import type { LogStore } from '../store/log-store.ts'

/** What a letter may say of a conversation. Times are seconds since 1970, as Liquid's `date` takes them. */
interface TranscriptFacts {
  readonly conversation: string
  readonly subject: string
  readonly openedAt: number
  readonly closedAt: number
  readonly messages: readonly TranscriptMessage[]
  /** Messages at the beginning that were too many. */
  readonly leftOut: number
}

interface TranscriptMessage {
  readonly at: number
  readonly name: string
  readonly role: string
  readonly text: string
}

const PAGE = 500
const MESSAGES_MAX = 1000
const CHARACTERS_MAX = 300_000

/** An event of the log as far as a letter needs it; the text is our own. */
interface Said {
  readonly at: number
  readonly type: string
  readonly from: string
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * What all could read in a conversation, from its log: never what staff said among themselves. Of a very long one the
 * newest part. A log only grows, so every attempt to send it says the same.
 */
export async function transcriptFacts(
  store: Pick<LogStore, 'read'>,
  { conversation, upTo }: { readonly conversation: string; readonly upTo: number },
): Promise<TranscriptFacts> {
  const people = new Map<string, { name: string; role: string }>()
  const messages: TranscriptMessage[] = []
  let [characters, leftOut] = [0, 0]
  const facts = { conversation, subject: '', openedAt: 0, closedAt: 0 }
  for (let after = 0; after < upTo; after += PAGE) {
    const page = await store.read(conversation, after, Math.min(PAGE, upTo - after))
    for (const { audience, json } of page?.records ?? []) {
      if (audience !== 'everyone') continue
      const { at, type, from, body } = JSON.parse(json) as Said
      const seconds = Math.floor(at / 1000)
      if (type === 'opened') Object.assign(facts, { openedAt: seconds, subject: textOf(body.subject) })
      if (type === 'closed') facts.closedAt = seconds
      if (type === 'joined') people.set(from, { name: textOf(body.name), role: textOf(body.role) })
      if (type !== 'message') continue
      const text = textOf(body.text)
      messages.push({ at: seconds, ...(people.get(from) ?? { name: from, role: '' }), text })
      characters += text.length
      while (messages.length > MESSAGES_MAX || (characters > CHARACTERS_MAX && messages.length > 1)) {
        characters -= messages.shift()?.text.length ?? 0
        leftOut += 1
      }
    }
  }
  return { ...facts, messages, leftOut }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
