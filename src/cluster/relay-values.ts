import type { EventRecord } from '../base/event-record.ts'
import { type ConversationId, isId } from '../base/ids.ts'
import { REFUSALS, type Refusal, type RefusalCode, refuse } from '../base/refusals.ts'
import type { ConversationStatus, Ephemeral, Moved, Submission } from '../protocol/conversation-port.ts'
import { type ByteReader, ByteWriter } from './relay-bytes.ts'
import type { AskOutcome, Attached, RequestReply } from './relay-frames.ts'

/*
 * What the frames between nodes are made of: each kind of value is written and read here, side by side. A reader that
 * meets what no version writes says so to the `ByteReader`, and answers something of the right shape.
 */

const STATUSES = ['live', 'resuming', 'store-unavailable'] as const satisfies readonly ConversationStatus[]
const REPLY_BYTES = { ack: 0, events: 1, moved: 2, refused: 3 } as const

/** The records of an `events` frame or of a reply to `read`. */
export function encodeRecords(records: readonly EventRecord[]): Uint8Array {
  const characters = records.reduce((sum, { json, sender }) => sum + json.length + sender.length + 128, 16)
  const writer = new ByteWriter(characters)
  writer.count(records.length)
  for (const { seq, epoch, at, audience, sender, key, digest, json } of records) {
    writer.number(seq)
    writer.number(epoch)
    writer.number(at)
    writer.byte((audience === 'staff' ? 1 : 0) | (key === undefined ? 0 : 2) | (digest === undefined ? 0 : 4))
    writer.text(sender)
    if (key !== undefined) writer.text(key)
    if (digest !== undefined) writer.text(digest)
    writer.text(json)
  }
  return writer.finish()
}

export function readRecords(reader: ByteReader): readonly EventRecord[] {
  // Three numbers, the flags and two lengths at least.
  return readMany(reader, 33, () => {
    const [seq, epoch, at, flags] = [reader.integer(), reader.integer(), reader.number(), reader.byte()]
    return {
      seq,
      epoch,
      at,
      audience: flags & 1 ? 'staff' : 'everyone',
      sender: reader.text(),
      ...(flags & 2 ? { key: reader.text() } : {}),
      ...(flags & 4 ? { digest: reader.text() } : {}),
      json: reader.text(),
    }
  })
}

/** A list with its length before it; a length that cannot fit into the rest of the frame is garbage at once. */
export function readMany<Item>(reader: ByteReader, bytesMin: number, read: () => Item): readonly Item[] {
  const length = reader.count()
  if (length * bytesMin > reader.remaining) reader.fail()
  const items: Item[] = []
  while (items.length < length && !reader.failed) items.push(read())
  return items
}

export function writeAttached(writer: ByteWriter, { attachment, conversation }: Attached): void {
  writer.count(attachment)
  writer.text(conversation)
}

export function readAttached(reader: ByteReader): Attached {
  return { attachment: reader.count(), conversation: readConversation(reader) }
}

export function readConversation(reader: ByteReader): ConversationId {
  const conversation = reader.text()
  if (!isId(conversation)) reader.fail()
  return conversation
}

export function writeMoved(writer: ByteWriter, { owner, epoch }: Moved): void {
  writer.text(owner ?? '')
  writer.number(epoch ?? 0)
}

export function readMoved(reader: ByteReader): Moved {
  const [owner, epoch] = [reader.text(), reader.integer()]
  return { kind: 'moved', ...(owner ? { owner } : {}), ...(epoch ? { epoch } : {}) }
}

export function writeReply(writer: ByteWriter, reply: RequestReply): void {
  writer.byte(REPLY_BYTES[reply.kind])
  switch (reply.kind) {
    case 'ack':
      return writer.number(reply.seq)
    case 'events':
      writer.number(reply.headSeq)
      return writer.raw(encodeRecords(reply.records))
    case 'moved':
      return writeMoved(writer, reply)
    case 'refused':
      return writeJson(writer, reply)
  }
}

export function readReply(reader: ByteReader): RequestReply {
  switch (reader.byte()) {
    case REPLY_BYTES.ack:
      return { kind: 'ack', seq: reader.integer() }
    case REPLY_BYTES.events:
      return { kind: 'events', headSeq: reader.integer(), records: readRecords(reader) }
    case REPLY_BYTES.moved:
      return readMoved(reader)
    case REPLY_BYTES.refused:
      return readRefusal(reader)
    default:
      reader.fail()
      return { kind: 'moved' }
  }
}

export function writeStatus(writer: ByteWriter, status: ConversationStatus): void {
  writer.byte(STATUSES.indexOf(status))
}

/** A status of a newer version changes nothing that this one could show. */
export function readStatus(reader: ByteReader): ConversationStatus {
  return STATUSES[reader.byte()] ?? 'live'
}

export function writeAnswer(writer: ByteWriter, answer: AskOutcome): void {
  writer.byte(answer.kind === 'answered' ? 1 : 0)
  writeJson(writer, answer.kind === 'answered' ? answer.body : answer.reason)
}

export function readAnswer(reader: ByteReader): AskOutcome {
  const answered = reader.byte() === 1
  const body = readJson(reader)
  if (answered) return { kind: 'answered', body }
  // `String` of an object calls what the object says.
  if (typeof body !== 'string') reader.fail()
  return { kind: 'failed', reason: typeof body === 'string' ? body : '' }
}

export function writeJson(writer: ByteWriter, value: unknown): void {
  writer.text(value === undefined ? '' : JSON.stringify(value))
}

export function readJson(reader: ByteReader): unknown {
  const text = reader.text()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    reader.fail()
    return undefined
  }
}

function readObject(reader: ByteReader): Readonly<Record<string, unknown>> {
  const value = readJson(reader)
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  reader.fail()
  return {}
}

/** A code that this version does not know is one that it cannot judge: nothing definite may be concluded from it. */
export function readRefusal(reader: ByteReader): Refusal {
  const { kind, code, retryAfterMs, detail } = readObject(reader)
  if (kind !== 'refused' || typeof code !== 'string') reader.fail()
  return refuse(
    typeof code === 'string' && Object.hasOwn(REFUSALS, code) ? (code as RefusalCode) : 'owner-unreachable',
    {
      ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
      ...(typeof detail === 'string' ? { detail } : {}),
    },
  )
}

export function readEphemeral(reader: ByteReader): Ephemeral {
  const value = readObject(reader)
  if (typeof value.from !== 'string' || typeof value.type !== 'string') reader.fail()
  return value as unknown as Ephemeral
}

/** The channel of the sending node decoded and checked it; between nodes only its frame is looked at again. */
export function readSubmission(reader: ByteReader): Submission {
  const value = readObject(reader)
  const whole = typeof value.key === 'string' && typeof value.sender === 'object' && typeof value.command === 'object'
  if (!whole || value.sender === null || value.command === null) reader.fail()
  return value as unknown as Submission
}
