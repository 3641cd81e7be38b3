import type { ConversationId, Epoch } from '../base/ids.ts'
import { ByteReader, ByteWriter } from './relay-bytes.ts'
import type { RelayFrame } from './relay-frames.ts'
import {
  encodeRecords,
  readAnswer,
  readAttached,
  readConversation,
  readEphemeral,
  readJson,
  readMany,
  readMoved,
  readRecords,
  readRefusal,
  readReply,
  readStatus,
  readSubmission,
  writeAnswer,
  writeAttached,
  writeJson,
  writeMoved,
  writeReply,
  writeStatus,
} from './relay-values.ts'

type FrameType = RelayFrame['type']
type FrameOf<Type extends FrameType> = Extract<RelayFrame, { type: Type }>

interface FrameCodec<Frame> {
  /** First byte on the link; one number is never given another meaning. */
  readonly byte: number
  write(writer: ByteWriter, frame: Frame): void
  read(reader: ByteReader): Omit<Frame, 'type'>
}

const PACK = 16

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
      writeStatus(writer, frame.status)
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
      writeAnswer(writer, frame.answer)
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
