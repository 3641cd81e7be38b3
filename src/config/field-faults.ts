import type { TObject } from 'typebox'
import { Compile } from 'typebox/compile'
import type { FieldFault } from './config-kind.ts'

type SchemaError = ReturnType<ReturnType<typeof Compile>['Errors']>[number]

const FAULTS_MAX = 20

/** Judges values by a schema, in sentences for whoever wrote them. The schema is compiled once. */
export function fieldJudge(schema: TObject): (value: unknown) => readonly FieldFault[] {
  const compiled = Compile(schema)
  return (value) => {
    if (compiled.Check(value)) return []
    const faults = compiled.Errors(value).flatMap((error) => faultsOf(error, schema))
    // A choice of several forms gives an error for each of them, and one for all: that one is told.
    return faults
      .filter(
        ({ field, sentence }, index) =>
          faults.findIndex((other) => other.field === field && other.sentence === sentence) === index,
      )
      .slice(0, FAULTS_MAX)
  }
}

function faultsOf(error: SchemaError, schema: TObject): readonly FieldFault[] {
  const field = fieldOf(error.instancePath)
  const within = (name: string) => (field === '' ? name : `${field}.${name}`)
  const told = (sentence: string): FieldFault[] => [{ field, sentence }]
  switch (error.keyword) {
    case 'additionalProperties':
      return error.params.additionalProperties.map((name) => ({
        field: within(name),
        sentence: 'There is no such field.',
      }))
    case 'required':
      return error.params.requiredProperties.map((name) => ({
        field: within(name),
        sentence: 'This field is missing.',
      }))
    case 'type':
      return told(`This must be ${typeWords(error.params.type)}.`)
    case 'anyOf':
      return told(choiceSentence(schema, error.schemaPath))
    case 'minLength':
      return told(
        error.params.limit === 1
          ? 'This must not be empty.'
          : `This must have at least ${error.params.limit} characters.`,
      )
    case 'maxLength':
      return told(`This must have at most ${error.params.limit} characters.`)
    case 'minItems':
      return told(`This must have at least ${error.params.limit} entries.`)
    case 'maxItems':
      return told(`This must have at most ${error.params.limit} entries.`)
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
    case 'exclusiveMaximum':
      return told(`This must be ${error.params.comparison} ${error.params.limit}.`)
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
function schemaAt(schema: TObject, path: string): Readonly<Record<string, unknown>> {
  let part: unknown = schema
  for (const step of path.split('/').slice(1))
    part = typeof part === 'object' && part !== null ? Reflect.get(part, step) : undefined
  return (part ?? {}) as Readonly<Record<string, unknown>>
}

function choiceSentence(schema: TObject, path: string): string {
  const { anyOf } = schemaAt(schema, path)
  const choices = Array.isArray(anyOf)
    ? anyOf.flatMap((each: { const?: unknown }) => (each.const === undefined ? [] : String(each.const)))
    : []
  return choices.length > 0
    ? `This must be one of ${choices.join(', ')}.`
    : 'This has none of the forms that it may have.'
}

/** A pattern is no sentence: the schema says in words what it allows. */
function patternSentence(schema: TObject, path: string): string {
  const { allowed } = schemaAt(schema, path.replace(/\/pattern$/, ''))
  return typeof allowed === 'string' ? `This must be ${allowed}.` : 'This does not have the form that it must have.'
}
