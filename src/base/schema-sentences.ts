/** An error as a validator of JSON Schema tells it. */
export interface SchemaError {
  readonly keyword: string
  /** Where in the schema: `#/properties/mode/anyOf`. */
  readonly schemaPath: string
  /** Where in the value: `/hours/0/from`. */
  readonly instancePath: string
  readonly params: object
  readonly message: string
}

/** What is wrong with a field (`hours.0.from`; empty: with all of it), in a sentence for whoever wrote it. */
export interface FieldSentence {
  readonly field: string
  readonly sentence: string
}

const FAULTS_MAX = 20

/** Errors as sentences: nodes and browsers judge by the same schema, and say the same. */
export function schemaSentences(errors: readonly SchemaError[], schema: object): readonly FieldSentence[] {
  const faults = errors.flatMap((error) => faultsOf(error, schema))
  // A choice of several forms gives an error for each of them, and one for all: that one is told.
  return faults
    .filter(
      ({ field, sentence }, index) =>
        faults.findIndex((other) => other.field === field && other.sentence === sentence) === index,
    )
    .slice(0, FAULTS_MAX)
}

/** All parameters that are looked at; which of them there are depends on the keyword. */
interface Params {
  readonly additionalProperties?: readonly string[]
  readonly requiredProperties?: readonly string[]
  readonly type?: string | readonly string[]
  readonly limit?: number | bigint
  readonly comparison?: string
}

function faultsOf(error: SchemaError, schema: object): readonly FieldSentence[] {
  const field = fieldOf(error.instancePath)
  const params: Params = error.params
  const within = (name: string) => (field === '' ? name : `${field}.${name}`)
  const told = (sentence: string): FieldSentence[] => [{ field, sentence }]
  switch (error.keyword) {
    case 'additionalProperties':
      return (params.additionalProperties ?? []).map((name) => ({
        field: within(name),
        sentence: 'There is no such field.',
      }))
    case 'required':
      return (params.requiredProperties ?? []).map((name) => ({
        field: within(name),
        sentence: 'This field is missing.',
      }))
    case 'type':
      return told(`This must be ${typeWords(params.type ?? [])}.`)
    case 'anyOf':
      return told(choiceSentence(schema, error.schemaPath))
    case 'minLength':
      return told(
        params.limit === 1 ? 'This must not be empty.' : `This must have at least ${params.limit} characters.`,
      )
    case 'maxLength':
      return told(`This must have at most ${params.limit} characters.`)
    case 'minItems':
      return told(`This must have at least ${params.limit} entries.`)
    case 'maxItems':
      return told(`This must have at most ${params.limit} entries.`)
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
    case 'exclusiveMaximum':
      return told(`This must be ${params.comparison} ${params.limit}.`)
    case 'pattern':
      return told(patternSentence(schema, error.schemaPath))
    // Each is told by the error of the whole choice, or of the object.
    case 'const':
    case 'boolean':
      return []
    default:
      return told(`This ${error.message}.`)
  }
}

/** `/hours/0/from` as `hours.0.from`. */
function fieldOf(instancePath: string): string {
  return instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.')
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of fields',
}

function typeWords(type: string | readonly string[]): string {
  const types = typeof type === 'string' ? [type] : type
  return types.map((each) => TYPE_WORDS[each] ?? each).join(' or ')
}

/** The part of a schema that an error is about: `#/properties/mode`. */
function schemaAt(schema: object, path: string): Readonly<Record<string, unknown>> {
  let part: unknown = schema
  for (const step of path.split('/').slice(1))
    part = typeof part === 'object' && part !== null ? Reflect.get(part, step) : undefined
  return (part ?? {}) as Readonly<Record<string, unknown>>
}

function choiceSentence(schema: object, path: string): string {
  const { anyOf } = schemaAt(schema, path)
  const choices = Array.isArray(anyOf)
    ? anyOf.flatMap((each: { const?: unknown }) => (each.const === undefined ? [] : String(each.const)))
    : []
  return choices.length > 0
    ? `This must be one of ${choices.join(', ')}.`
    : 'This has none of the forms that it may have.'
}

/** A pattern is no sentence: the schema says in words what it allows. */
function patternSentence(schema: object, path: string): string {
  const { allowed } = schemaAt(schema, path.replace(/\/pattern$/, ''))
  return typeof allowed === 'string' ? `This must be ${allowed}.` : 'This does not have the form that it must have.'
}
