import type { EventRecord } from '../base/event-record.ts'
import { type ConversationId, type Epoch, type Incarnation, isId, type Seq } from '../base/ids.ts'
import { REFUSALS, type Refusal, type RefusalCode, refuse } from '../base/refusals.ts'
import type {
  ConversationStatus,
  Ephemeral,
  Moved,
  ReadReply,
  Submission,
  SubmitReply,
} from '../protocol/conversation-port.ts'
import { ByteReader, ByteWriter } from './relay-bytes.ts'

/** What a conversation's new owner tells every other node. */
export interface Ownership {
  readonly conversation: ConversationId
  readonly epoch: Epoch
  readonly owner: Incarnation
}

/** The answer to `submit` or `read`, whichever the request was. */
export type RequestReply = SubmitReply | ReadReply | Moved

interface Attached {
  /** Made by the attaching side, never used twice on a link: frames of an attachment that is over are told apart. */
  readonly attachment: number
  readonly conversation: ConversationId
}

/** Everything that nodes say to each other about conversations, in both directions of one link. */
export type RelayFrame =
  | ({ readonly type: 'attach'; readonly after: Seq } & Attached)
  | ({ readonly type: 'attached'; readonly epoch: Epoch; readonly headSeq: Seq } & Attached)
  | ({ readonly type: 'moved'; readonly moved: Moved } & Attached)
  | ({ readonly type: 'ended'; readonly refusal: Refusal } & Attached)
  | ({ readonly type: 'detach' } & Attached)
  | ({ readonly type: 'events'; readonly epoch: Epoch; readonly records: readonly EventRecord[] } & Attached)
  | ({ readonly type: 'status'; readonly epoch: Epoch; readonly status: ConversationStatus } & Attached)
  | ({ readonly type: 'ephemeral'; readonly epoch: Epoch; readonly ephemeral: Ephemeral } & Attached)
  | {
      readonly type: 'submit'
      readonly request: number
      readonly conversation: ConversationId
      readonly submission: Submission
    }
  | {
      readonly type: 'read'
      readonly request: number
      readonly conversation: ConversationId
      readonly after: Seq
      readonly limit: number
    }
  | { readonly type: 'reply'; readonly request: number; readonly reply: RequestReply }
  | { readonly type: 'signal'; readonly conversation: ConversationId; readonly ephemeral: Ephemeral }
  | { readonly type: 'announce'; readonly ownerships: readonly Ownership[] }
  | { readonly type: 'ask'; readonly request: number; readonly kind: string; readonly body: unknown }
  | { readonly type: 'answer'; readonly request: number; readonly answer: AskOutcome }

/** How an `ask` ended: answered by the other node's handler, or not, with one sentence why. */
export type AskOutcome =
  | { readonly kind: 'answered'; readonly body: unknown }
  | { readonly kind: 'failed'; readonly reason: string }

type FrameType = RelayFrame['type']
type FrameOf<Type extends FrameType> = Extract<RelayFrame, { type: Type }>

interface FrameCodec<Frame> {
  /** First byte on the link; one number is never given another meaning. */
  readonly byte: number
  write(writer: ByteWriter, frame: Frame): void
  read(reader: ByteReader): Omit<Frame, 'type'>
}

const PACK = 16
const STATUSES = ['live', 'resuming', 'store-unavailable'] as const satisfies readonly ConversationStatus[]
const REPLY_BYTES = { ack: 0, events: 1, moved: 2, refused: 3 } as const

const CODECS: { readonly [Type in FrameType]: FrameCodec<FrameOf<Type>> } = {
  attach: {
    byte: 17,
    write: (writer, frame) => {
      writeAttached(writer, frame)
      writer.number(frame.after)
    },
    read: (reader) => ({ ...readAttached(reader), after: reader.integer() }),
  },
  attached: {
    byte: 18,
    write: (writer, frame) => {
      writeAttached(writer, frame)
      writer.number(frame.epoch)
      writer.number(frame.headSeq)
    },
    read: (reader) => ({ ...readAttached(reader), epoch: reader.integer(), headSeq: reader.integer() }),
  },
  moved: {
    byte: 19,
    write: (writer, frame) => {
      writeAttached(writer, frame)
      writeMoved(writer, frame.moved)
    },
    read: (reader) => ({ ...readAttached(reader), moved: readMoved(reader) }),
  },
  ended: {
    byte: 20,
    write: (writer, frame) => {
      writeAttached(writer, frame)
      writeJson(writer, frame.refusal)
    },
    read: (reader) => ({ ...readAttached(reader), refusal: readRefusal(reader) }),
  },
  detach: { byte: 21, write: writeAttached, read: readAttached },
  events: {
    byte: 22,
    write: (writer, frame) => {
      writeAttached(writer, frame)
      writer.number(frame.epoch)
      writer.raw(encodeRecords(frame.records))
    },
    read: (reader) => ({ ...readAttached(reader), epoch: reader.integer(), records: readRecords(reader) }),
  },
  status: {
    byte: 23,
    write: (writer, frame) => {
      writeAttached(writer, frame)
      writer.number(frame.epoch)
      writer.byte(STATUSES.indexOf(frame.status))
    },
    read: (reader) => ({ ...readAttached(reader), epoch: reader.integer(), status: readStatus(reader) }),
  },
  ephemeral: {
    byte: 24,
    write: (writer, frame) => {
      writeAttached(writer, frame)
      writer.number(frame.epoch)
      writeJson(writer, frame.ephemeral)
    },
    read: (reader) => ({ ...readAttached(reader), epoch: reader.integer(), ephemeral: readEphemeral(reader) }),
  },
  submit: {
    byte: 25,
    write: (writer, frame) => {
      writer.count(frame.request)
      writer.text(frame.conversation)
      writeJson(writer, frame.submission)
    },
    read: (reader) => ({
      request: reader.count(),
      conversation: readConversation(reader),
      submission: readSubmission(reader),
    }),
  },
  read: {
    byte: 26,
    write: (writer, frame) => {
      writer.count(frame.request)
      writer.text(frame.conversation)
      writer.number(frame.after)
      writer.count(frame.limit)
    },
    read: (reader) => ({
      request: reader.count(),
      conversation: readConversation(reader),
      after: reader.integer(),
      limit: reader.count(),
    }),
  },
  reply: {
    byte: 27,
    write: (writer, frame) => {
      writer.count(frame.request)
      writeReply(writer, frame.reply)
    },
    read: (reader) => ({ request: reader.count(), reply: readReply(reader) }),
  },
  signal: {
    byte: 28,
    write: (writer, frame) => {
      writer.text(frame.conversation)
      writeJson(writer, frame.ephemeral)
    },
    read: (reader) => ({ conversation: readConversation(reader), ephemeral: readEphemeral(reader) }),
  },
  announce: {
    byte: 29,
    write: (writer, frame) => {
      writer.count(frame.ownerships.length)
      for (const { conversation, epoch, owner } of frame.ownerships) {
        writer.text(conversation)
        writer.number(epoch)
        writer.text(owner)
      }
    },
    read: (reader) => ({
      // 4 + 13 + 8 + 4 bytes at least.
      ownerships: readMany(reader, 29, () => ({
        conversation: readConversation(reader),
        epoch: reader.integer(),
        owner: reader.text(),
      })),
    }),
  },
  ask: {
    byte: 30,
    write: (writer, frame) => {
      writer.count(frame.request)
      writer.text(frame.kind)
      writeJson(writer, frame.body)
    },
    read: (reader) => ({ request: reader.count(), kind: reader.text(), body: readJson(reader) }),
  },
  answer: {
    byte: 31,
    write: (writer, frame) => {
      writer.count(frame.request)
      writer.byte(frame.answer.kind === 'answered' ? 1 : 0)
      writeJson(writer, frame.answer.kind === 'answered' ? frame.answer.body : frame.answer.reason)
    },
    read: (reader) => ({ request: reader.count(), answer: readAnswer(reader) }),
  },
}

const TYPE_OF_BYTE: ReadonlyMap<number, FrameType> = new Map(
  Object.entries(CODECS).map(([type, { byte }]) => [byte, type as FrameType]),
)

/** One frame as bytes. */
export function encodeFrame(frame: RelayFrame): Uint8Array {
  const writer = new ByteWriter()
  const codec = CODECS[frame.type] as FrameCodec<RelayFrame>
  writer.byte(codec.byte)
  codec.write(writer, frame)
  return writer.finish()
}

/** The `events` frame around records that `encodeRecords` made once for all peers. */
export function encodeEvents(
  attachment: number,
  conversation: ConversationId,
  epoch: Epoch,
  encodedRecords: Uint8Array,
): Uint8Array {
  const writer = new ByteWriter(64 + encodedRecords.length)
  writer.byte(CODECS.events.byte)
  writeAttached(writer, { attachment, conversation })
  writer.number(epoch)
  writer.raw(encodedRecords)
  return writer.finish()
}

/**
 * The frame in `bytes`. `unknown`: a type of a newer version, to be ignored. `garbage`: lengths or values that no
 * version sends; the link that brought it cannot be trusted any more. Never throws.
 */
export function decodeFrame(bytes: Uint8Array): RelayFrame | 'unknown' | 'garbage' {
  const reader = new ByteReader(bytes)
  const byte = reader.byte()
  const type = TYPE_OF_BYTE.get(byte)
  if (!type) return reader.failed || byte <= PACK ? 'garbage' : 'unknown'
  const fields = CODECS[type].read(reader)
  return reader.failed ? 'garbage' : ({ type, ...fields } as RelayFrame)
}

/** Several frames as one frame of the link; a single one stays as it is. */
export function packFrames(frames: readonly Uint8Array[]): Uint8Array {
  const [only] = frames
  if (only && frames.length === 1) return only
  const writer = new ByteWriter(frames.reduce((bytes, frame) => bytes + 4 + frame.length, 1))
  writer.byte(PACK)
  for (const frame of frames) {
    writer.count(frame.length)
    writer.raw(frame)
  }
  return writer.finish()
}

/** The frames in a frame of the link; `undefined` where the lengths do not fit. */
export function unpackFrames(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  if (bytes[0] !== PACK) return [bytes]
  const reader = new ByteReader(bytes)
  reader.byte()
  const frames: Uint8Array[] = []
  while (reader.remaining > 0 && !reader.failed) frames.push(reader.raw(reader.count()))
  return reader.failed ? undefined : frames
}

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

function readRecords(reader: ByteReader): readonly EventRecord[] {
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
function readMany<Item>(reader: ByteReader, bytesMin: number, read: () => Item): readonly Item[] {
  const length = reader.count()
  if (length * bytesMin > reader.remaining) reader.fail()
  const items: Item[] = []
  while (items.length < length && !reader.failed) items.push(read())
  return items
}

function writeAttached(writer: ByteWriter, { attachment, conversation }: Attached): void {
  writer.count(attachment)
  writer.text(conversation)
}

function readAttached(reader: ByteReader): Attached {
  return { attachment: reader.count(), conversation: readConversation(reader) }
}

function readConversation(reader: ByteReader): ConversationId {
  const conversation = reader.text()
  if (!isId(conversation)) reader.fail()
  return conversation
}

function writeMoved(writer: ByteWriter, { owner, epoch }: Moved): void {
  writer.text(owner ?? '')
  writer.number(epoch ?? 0)
}

function readMoved(reader: ByteReader): Moved {
  const [owner, epoch] = [reader.text(), reader.integer()]
  return { kind: 'moved', ...(owner ? { owner } : {}), ...(epoch ? { epoch } : {}) }
}

function writeReply(writer: ByteWriter, reply: RequestReply): void {
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

function readReply(reader: ByteReader): RequestReply {
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

/** A status of a newer version changes nothing that this one could show. */
function readStatus(reader: ByteReader): ConversationStatus {
  return STATUSES[reader.byte()] ?? 'live'
}

function readAnswer(reader: ByteReader): AskOutcome {
  const answered = reader.byte() === 1
  const body = readJson(reader)
  if (answered) return { kind: 'answered', body }
  // `String` of an object calls what the object says.
  if (typeof body !== 'string') reader.fail()
  return { kind: 'failed', reason: typeof body === 'string' ? body : '' }
}

function writeJson(writer: ByteWriter, value: unknown): void {
  writer.text(value === undefined ? '' : JSON.stringify(value))
}

function readJson(reader: ByteReader): unknown {
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
function readRefusal(reader: ByteReader): Refusal {
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

function readEphemeral(reader: ByteReader): Ephemeral {
  const value = readObject(reader)
  if (typeof value.from !== 'string' || typeof value.type !== 'string') reader.fail()
  return value as unknown as Ephemeral
}

/** The channel of the sending node decoded and checked it; between nodes only its frame is looked at again. */
function readSubmission(reader: ByteReader): Submission {
  const value = readObject(reader)
  const whole = typeof value.key === 'string' && typeof value.sender === 'object' && typeof value.command === 'object'
  if (!whole || value.sender === null || value.command === null) reader.fail()
  return value as unknown as Submission
}
