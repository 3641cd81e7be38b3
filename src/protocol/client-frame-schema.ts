import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { type Refusal, refuse } from '../base/refusals.ts'
import { NAME_LENGTH_MAX, textFault } from '../conversation/text-rule.ts'
import type { ClientFrame } from './client-frames.ts'

// Types only: how long a text may be and what it may hold is decided with the command (`text-rule.ts`).
const id = Type.String({ pattern: '^[0-7][0-9a-hjkmnp-tv-z]{12}$' })
const name = Type.String({ minLength: 1, maxLength: NAME_LENGTH_MAX })
const text = Type.String()
const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const ordinal = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

const TOKEN_LENGTH_MAX = 4096
const RESUME_MAX = 256

const command = Type.Union([
  Type.Object({ type: Type.Literal('join') }),
  Type.Object({ type: Type.Literal('leave'), reason: Type.Optional(text) }),
  Type.Object({
    type: Type.Literal('message'),
    format: Type.Union([Type.Literal('text'), Type.Literal('markdown')]),
    text,
  }),
  Type.Object({ type: Type.Literal('note'), text }),
  Type.Object({ type: Type.Literal('whisper'), to: name, text }),
  Type.Object({
    type: Type.Literal('notice'),
    notice: text,
    url: Type.Optional(text),
    data: Type.Optional(text),
  }),
  Type.Object({ type: Type.Literal('transfer'), to: name, name: text }),
  Type.Object({ type: Type.Literal('rate'), score: Type.Number(), comment: Type.Optional(text) }),
  Type.Object({
    type: Type.Literal('close'),
    reason: Type.Union([Type.Literal('by-visitor'), Type.Literal('by-agent')]),
  }),
])

const position = { conversation: id, after: count }

/** One schema a frame type; a type that is not here is refused. */
const FRAMES = {
  hello: Type.Object({
    type: Type.Literal('hello'),
    token: Type.String({ minLength: 1, maxLength: TOKEN_LENGTH_MAX }),
    versions: Type.Array(ordinal, { minItems: 1, maxItems: 16 }),
    instance: name,
    connection: count,
    resume: Type.Array(Type.Object(position), { maxItems: RESUME_MAX }),
    library: Type.Optional(Type.String({ maxLength: NAME_LENGTH_MAX })),
  }),
  attach: Type.Object({ type: Type.Literal('attach'), ...position }),
  detach: Type.Object({ type: Type.Literal('detach'), conversation: id }),
  send: Type.Object({
    type: Type.Literal('send'),
    conversation: id,
    key: name,
    n: ordinal,
    floor: ordinal,
    instance: Type.Optional(name),
    body: command,
  }),
  typing: Type.Object({ type: Type.Literal('typing'), conversation: id, on: Type.Boolean() }),
  seen: Type.Object({ type: Type.Literal('seen'), conversation: id, seq: count }),
  refresh: Type.Object({
    type: Type.Literal('refresh'),
    token: Type.String({ minLength: 1, maxLength: TOKEN_LENGTH_MAX }),
  }),
  ping: Type.Object({ type: Type.Literal('ping') }),
  pong: Type.Object({ type: Type.Literal('pong') }),
} as const

type FrameType = keyof typeof FRAMES

const CHECKS = new Map(Object.entries(FRAMES).map(([type, schema]) => [type, Compile(schema)]))

/** A frame of a client, or why it is none. Fields that the schema does not know are dropped. */
export function decodeClientFrame(source: string): { readonly kind: 'frame'; readonly frame: ClientFrame } | Refusal {
  const value = parsed(source)
  if (typeof value !== 'object' || value === null) return refuse('malformed', { detail: 'A frame is a JSON object.' })
  const type: unknown = Object.hasOwn(value, 'type') ? Reflect.get(value, 'type') : undefined
  if (typeof type !== 'string' || !Object.hasOwn(FRAMES, type))
    return refuse('malformed', { detail: 'There is no such frame type.' })
  const schema = FRAMES[type as FrameType]
  if (!CHECKS.get(type)?.Check(value)) return refuse('malformed', { detail: `This is no "${type}" frame.` })
  const frame = Value.Clean(schema, value) as ClientFrame
  const fault = frame.type === 'send' ? textFault(frame.key, NAME_LENGTH_MAX) : undefined
  return fault ? refuse(fault) : { kind: 'frame', frame }
}

function parsed(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return undefined
  }
}
