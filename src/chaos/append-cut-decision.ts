/** Where the reply to an append is cut off: behind so much of it, the client knows no more. */
export const REPLY_PLACES = {
  nothing: 'before its first byte',
  first: 'behind its first byte',
  command: 'inside CommandComplete',
  ready: 'before ReadyForQuery',
} as const

export type ReplyPlace = keyof typeof REPLY_PLACES

const COMMAND_COMPLETE = 0x43
const READY_FOR_QUERY = 0x5a
/** Type and length, as every message of PostgreSQL begins (protocol 3.0, "Message Formats"). */
const HEADER_BYTES = 5
const PARSE = 0x50
const BIND = 0x42
const STATEMENT = 'append'
const APPEND_TAG = /^INSERT 0 [1-9]/

/**
 * How many bytes of this chunk pass, so that the reply to an append in it ends at that place; `undefined`: there is none
 * in it. The server has committed when it sends the first byte: the reply is flushed as a whole behind the commit. A chunk
 * that begins or ends inside a message is let pass; replies to appends are short and come as one.
 */
export function cutInReply(chunk: Uint8Array, place: ReplyPlace): number | undefined {
  let startsAt = 0
  let commandAt: number | undefined
  for (const { type, at, end } of messagesIn(chunk)) {
    if (type === COMMAND_COMPLETE && APPEND_TAG.test(textOf(chunk, at, end))) commandAt = at
    if (type !== READY_FOR_QUERY) continue
    if (commandAt !== undefined)
      return { nothing: startsAt, first: startsAt + 1, command: inTag(commandAt), ready: at }[place]
    startsAt = end
  }
  return undefined
}

/**
 * How many bytes of this chunk pass, so that a request to append ends in its middle and is never carried out;
 * `undefined`: none begins here. The store names its statements, in Parse the first time and in Bind each time.
 */
export function cutInRequest(chunk: Uint8Array): number | undefined {
  const [type] = chunk
  if (type !== PARSE && type !== BIND) return undefined
  // Bind names a portal first: the one without a name.
  const nameAt = type === BIND ? 1 : 0
  const named = textOf(chunk, 0, HEADER_BYTES + nameAt + STATEMENT.length).slice(nameAt) === STATEMENT
  return named ? Math.floor(chunk.length / 2) : undefined
}

interface Message {
  readonly type: number
  readonly at: number
  readonly end: number
}

/** Whole messages; none where the chunk does not consist of whole ones. */
function messagesIn(chunk: Uint8Array): readonly Message[] {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  const messages: Message[] = []
  for (let at = 0; at < chunk.length; ) {
    const end = at + HEADER_BYTES > chunk.length ? Number.NaN : at + 1 + view.getUint32(at + 1)
    if (!(end >= at + HEADER_BYTES && end <= chunk.length)) return []
    messages.push({ type: view.getUint8(at), at, end })
    at = end
  }
  return messages
}

const inTag = (commandAt: number) => commandAt + HEADER_BYTES + 3

function textOf(chunk: Uint8Array, at: number, end: number): string {
  return String.fromCharCode(...chunk.subarray(at + HEADER_BYTES, end))
}
