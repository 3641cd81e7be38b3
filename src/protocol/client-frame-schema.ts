import { type TObject, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { type ConversationId, isId } from '../base/ids.ts'
import { type Refusal, refuse } from '../base/refusals.ts'
import { commandTextFault } from '../conversation/command-texts.ts'
import { isName } from '../conversation/text-rule.ts'
import type { ClientCommand, ClientFrame } from './client-frames.ts'

/** Conversations that one hello may resume, and one socket may look at. */
export const RESUME_MAX = 256

const id = Type.String({ pattern: '^[0-7][0-9a-hjkmnp-tv-z]{12}$' })
// A cheap bound; what a name may hold is `isName`'s to say.
const name = Type.String({ pattern: '^[^]{1,64}$' })
const token = Type.String({ pattern: '^[\\x20-\\x7e]{1,4096}$' })
const text = Type.String()
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const ordinal = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const position = { conversation: id, after: count }

/** What a client may ask by `send`, by type. Opening and timers are not for clients. */
const COMMANDS: Readonly<Record<ClientCommand['type'], TObject>> = {
  join: Type.Object({}),
  leave: Type.Object({ reason: Type.Optional(text) }),
  message: Type.Object({ format: Type.Union([Type.Literal('text'), Type.Literal('markdown')]), text }),
  note: Type.Object({ text }),
  whisper: Type.Object({ to: name, text }),
  notice: Type.Object({ notice: text, url: Type.Optional(text), data: Type.Optional(text) }),
  transfer: Type.Object({ to: name, name: text }),
  rate: Type.Object({ score: Type.Number(), comment: Type.Optional(text) }),
  close: Type.Object({
    reason: Type.Union([Type.Literal('by-visitor'), Type.Literal('by-agent'), Type.Literal('by-operator')]),
  }),
}

/** One schema for each type of frame. */
const FRAMES: Readonly<Record<ClientFrame['type'], TObject>> = {
  hello: Type.Object({
    token,
    versions: Type.Array(ordinal, { minItems: 1, maxItems: 16 }),
    instance: name,
    connection: count,
    resume: Type.Array(Type.Object(position), { maxItems: RESUME_MAX }),
    library: Type.Optional(name),
  }),
  attach: Type.Object(position),
  detach: Type.Object({ conversation: id }),
  send: Type.Object({
    conversation: id,
    key: name,
    n: ordinal,
    floor: ordinal,
    instance: Type.Optional(name),
    body: Type.Object({ type: text }),
  }),
  typing: Type.Object({ conversation: id, on: Type.Boolean() }),
  seen: Type.Object({ conversation: id, seq: count }),
  refresh: Type.Object({ token }),
  ping: Type.Object({}),
  pong: Type.Object({}),
}

/** A schema made ready: whether a value is of this kind, and what of it we know. */
interface Kind {
  is(value: object): boolean
  readonly fields: readonly string[]
}

const FRAME_KINDS = kindsOf(FRAMES)
const COMMAND_KINDS = kindsOf(COMMANDS)

/** Why a text is no frame. `about`: the command that it was meant to carry, where that much can be told. */
export interface FrameRefusal extends Refusal {
  readonly about?: { readonly conversation: ConversationId; readonly key: string }
  /** It is not even an object that names its type: whoever sends this does not speak the protocol. */
  readonly foreign?: true
}

/**
 * A frame of a client, or why it is none. Types are exact, fields that are not known are dropped. Never throws. How
 * long a text may be is the owner's to judge, because a retry is answered before its length is looked at; what it may
 * not hold is judged here, because it could not even be relayed unaltered.
 */
export function decodeClientFrame(
  source: string,
): { readonly kind: 'frame'; readonly frame: ClientFrame } | FrameRefusal {
  const value = parsed(source)
  if (!isTyped(value)) return { ...malformed('A frame is a JSON object with a "type".'), foreign: true }
  const kind = FRAME_KINDS.get(value.type)
  if (!kind) return malformed(`There is no frame type "${value.type.slice(0, 32)}".`)
  const about = value.type === 'send' ? aboutOf(value) : undefined
  // Judged without what we do not know of it: a field of that name and of any type may belong to a newer version.
  const frame = kind.is(value) ? known(value, kind) : undefined
  const fault = frame ? faultOf(frame) : malformed(`This is no "${value.type}" frame.`)
  if (fault) return { ...fault, ...(about && { about }) }
  return { kind: 'frame', frame: frame as ClientFrame }
}

type Typed = Readonly<Record<string, unknown>> & { readonly type: string }

function kindsOf(schemas: Readonly<Record<string, TObject>>): ReadonlyMap<string, Kind> {
  const kinds = Object.entries(schemas).map(([type, schema]): [string, Kind] => {
    const compiled = Compile(schema)
    return [type, { is: (value) => compiled.Check(value), fields: ['type', ...Object.keys(schema.properties)] }]
  })
  return new Map(kinds)
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}

function isTyped(value: unknown): value is Typed {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'type') === 'string'
}

/** What the schema of the frame cannot say. */
function faultOf(frame: Typed): Refusal | undefined {
  if ('instance' in frame && !isName(String(frame.instance))) return malformed('An instance is a short text.')
  if (frame.type !== 'send') return undefined
  if (!isName(String(frame.key))) return refuse('bad-text', { detail: 'A key is a short well-formed text.' })
  const command = frame.body
  const kind = isTyped(command) ? COMMAND_KINDS.get(command.type) : undefined
  if (!isTyped(command) || !kind?.is(command)) return malformed('The body is no command.')
  const fault = commandTextFault(command as unknown as ClientCommand, Number.POSITIVE_INFINITY)
  return fault && refuse(fault)
}

/** The frame without what we do not know of it, its command included. */
function known(frame: Typed, kind: Kind): Typed {
  const kept = pick(frame, kind.fields)
  const command = frame.type === 'send' ? kept.body : undefined
  if (isTyped(command)) kept.body = pick(command, COMMAND_KINDS.get(command.type)?.fields ?? [])
  return kept as Typed
}

function pick(value: Typed, fields: readonly string[]): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const field of fields) if (Object.hasOwn(value, field)) kept[field] = value[field]
  return kept
}

function aboutOf({ conversation, key }: Typed): FrameRefusal['about'] {
  const telling = typeof conversation === 'string' && isId(conversation) && typeof key === 'string' && key.length <= 64
  return telling ? { conversation, key } : undefined
}

function malformed(detail: string): Refusal {
  return refuse('malformed', { detail })
}
