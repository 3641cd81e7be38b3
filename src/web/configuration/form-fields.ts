/** One field of a form, as the schema of its document describes it. */
export interface FormField {
  /** In its document: `messagesPerSecond`; empty for the entries of lists. */
  readonly name: string
  /** For people: `Messages per second`. */
  readonly label: string
  /** What it is for. */
  readonly about: string
  readonly unit?: string
  readonly required: boolean
  /** What holds where it is absent. */
  readonly fallback?: unknown
  /** A secret that it is worth nothing without. */
  readonly secret?: string
  readonly shape: FieldShape
}

/** What a field holds, and so which control shows it. `yaml`: no control does. */
export type FieldShape =
  | { readonly kind: 'line' | 'lines' | 'colour' | 'image' | 'flag' | 'yaml' }
  | { readonly kind: 'number'; readonly whole: boolean; readonly min?: number; readonly max?: number }
  | { readonly kind: 'choice'; readonly choices: readonly string[] }
  /** The own name of another document of a kind. */
  | { readonly kind: 'reference'; readonly to: string }
  | { readonly kind: 'list' | 'record'; readonly entry: FormField }
  | { readonly kind: 'group'; readonly fields: readonly FormField[] }

type Schema = Readonly<Record<string, unknown>>

/** The form of a document, from the JSON Schema of its kind. */
export function formOf(schema: unknown): readonly FormField[] {
  const { properties, required } = isSchema(schema) ? schema : {}
  const needed = Array.isArray(required) ? required : []
  return Object.entries(isSchema(properties) ? properties : {}).map(([name, each]) =>
    fieldOf(name, each, needed.includes(name)),
  )
}

function fieldOf(name: string, schema: unknown, required: boolean): FormField {
  const { description, unit, default: fallback, secret } = isSchema(schema) ? schema : {}
  return {
    name,
    label: labelOf(name),
    about: typeof description === 'string' ? description : '',
    ...(typeof unit === 'string' && { unit }),
    required,
    ...(fallback !== undefined && { fallback }),
    ...(typeof secret === 'string' && { secret }),
    shape: isSchema(schema) ? shapeOf(schema) : YAML,
  }
}

const YAML: FieldShape = { kind: 'yaml' }

function shapeOf(schema: Schema): FieldShape {
  const choices = choicesOf(schema)
  if (choices) return { kind: 'choice', choices }
  const { type, items, properties, additionalProperties, patternProperties } = schema
  const entry = (each: unknown) => ({ ...fieldOf('', each, true), label: 'Entry' })
  switch (type) {
    case 'string':
      return textShape(schema)
    case 'boolean':
      return { kind: 'flag' }
    case 'integer':
    case 'number': {
      const { minimum: min, maximum: max } = schema
      return {
        ...{ kind: 'number', whole: type === 'integer' },
        ...(typeof min === 'number' && { min }),
        ...(typeof max === 'number' && { max }),
      }
    }
    case 'array':
      return isSchema(items) ? { kind: 'list', entry: entry(items) } : YAML
    case 'object': {
      if (isSchema(properties)) return isSchema(additionalProperties) ? YAML : { kind: 'group', fields: formOf(schema) }
      const values = isSchema(patternProperties) ? Object.values(patternProperties) : [additionalProperties]
      return values.length === 1 && isSchema(values[0]) ? { kind: 'record', entry: entry(values[0]) } : YAML
    }
    default:
      return YAML
  }
}

function textShape({ colour, asset, refersTo, lines }: Schema): FieldShape {
  if (typeof refersTo === 'string') return { kind: 'reference', to: refersTo }
  if (colour === true) return { kind: 'colour' }
  if (asset === 'image') return { kind: 'image' }
  return { kind: lines === 'many' ? 'lines' : 'line' }
}

/** The texts of which one is chosen; `undefined`: it is no such choice. */
function choicesOf({ anyOf, enum: among }: Schema): readonly string[] | undefined {
  const choices = Array.isArray(anyOf) ? anyOf.map((each) => (isSchema(each) ? each.const : undefined)) : among
  if (!Array.isArray(choices) || choices.length === 0) return undefined
  return choices.every((choice) => typeof choice === 'string') ? choices : undefined
}

const SHORT = /\b(url|id|html|https?|css|ip)\b/gi

/** `publicUrl` as `Public URL`. */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[-_]/g, ' ')
    .toLowerCase()
  const sentence = words.charAt(0).toUpperCase() + words.slice(1)
  return sentence.replace(SHORT, (word) => word.toUpperCase())
}

/** What holds where a field is absent, in words: `20 per second`, `on`, `nothing`. */
export function fallbackText({ fallback, unit }: FormField): string | undefined {
  if (fallback === undefined) return undefined
  if (fallback === '' || (Array.isArray(fallback) && fallback.length === 0)) return 'nothing'
  if (typeof fallback === 'boolean') return fallback ? 'on' : 'off'
  const text = typeof fallback === 'string' ? fallback : JSON.stringify(fallback)
  return unit === undefined ? text : `${text} ${unit}`
}

/** A sentence cut at its backticks: `plain`, then `code`, and so on. */
export function codeParts(text: string): readonly { readonly code: boolean; readonly text: string }[] {
  return text
    .split('`')
    .map((part, index) => ({ code: index % 2 === 1, text: part }))
    .filter((part) => part.text !== '')
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
