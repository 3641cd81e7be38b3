import { type Static, type TSchema, Type } from 'typebox'
import { IMAGE_ENDINGS } from '../asset-file.ts'

/** The parts that schemas of configuration documents are made of. Each field says in a sentence what it is for. */

/** A text of one line; `fallback` where it may be absent, `secret` where it is worth nothing without one. */
export function line(
  description: string,
  { lengthMax = 200, fallback, secret }: { lengthMax?: number; fallback?: string; secret?: string } = {},
) {
  return Type.String({
    description,
    maxLength: lengthMax,
    ...(fallback === undefined ? { minLength: 1 } : { default: fallback }),
    pattern: '^[^\\u0000-\\u001f\\u007f]*$',
    allowed: 'one line',
    ...(secret !== undefined && { secret }),
  })
}

/** A text of several lines. */
export function prose(
  description: string,
  { lengthMax = 10_000, fallback }: { lengthMax?: number; fallback?: string } = {},
) {
  return Type.String({
    description,
    maxLength: lengthMax,
    ...(fallback === undefined ? { minLength: 1 } : { default: fallback }),
    pattern: '^[^\\u0000]*$',
    allowed: 'text',
    lines: 'many',
  })
}

/** A whole number; `unit` is what it counts: `minutes`. */
export function count(
  description: string,
  { min, max, fallback, unit }: { min: number; max: number; fallback: number; unit?: string },
) {
  return Type.Integer({
    description,
    minimum: min,
    maximum: max,
    default: fallback,
    ...(unit !== undefined && { unit }),
  })
}

export function flag(description: string, fallback: boolean) {
  return Type.Boolean({ description, default: fallback })
}

export function choice<Choice extends string>(description: string, choices: readonly Choice[], fallback: Choice) {
  return Type.Union(
    choices.map((each) => Type.Literal(each)),
    { description, default: fallback },
  ) as unknown as TSchema & { static: Choice }
}

/** `#1d4ed8` */
export function colour(description: string, fallback: string) {
  return Type.String({
    description,
    pattern: '^#[0-9a-fA-F]{6}$',
    allowed: 'a colour such as #1d4ed8',
    colour: true,
    default: fallback,
  })
}

/** An image among the assets, or elsewhere; empty: none. Whether the asset is there is judged with the change. */
export function image(description: string) {
  const asset = `/assets/[0-9a-f]{64}\\.(?:${IMAGE_ENDINGS.join('|')})`
  return Type.String({
    description: `${description} An asset (\`/assets/...\`), or an address that begins with https://. Empty: none.`,
    maxLength: 500,
    pattern: `^(?:|${asset}|/Chime/Content/images/[A-Za-z0-9._/-]+|https://[^\\s\\u0000-\\u001f]+)$`,
    allowed: 'an image among the assets, such as /assets/<hash>.png, or an address that begins with https://',
    asset: 'image',
    default: '',
  })
}

/** The name of another document of a kind. */
export function nameOf(kind: string, description: string) {
  return Type.String({
    description,
    pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
    allowed: `the name of a ${kind}`,
    refersTo: kind,
  })
}

export function language(description: string, fallback: string) {
  return Type.String({
    description,
    pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$',
    allowed: 'a language such as en or pt-BR',
    default: fallback,
  })
}

/** A document without further fields: what is misspelt is told, not ignored. */
export function fields<Properties extends Record<string, TSchema>>(properties: Properties) {
  const optional = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, 'default' in schema ? Type.Optional(schema) : schema]),
  )
  return Type.Object(optional as { [Name in keyof Properties]: Properties[Name] }, { additionalProperties: false })
}

export type { Static }
