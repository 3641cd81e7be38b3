import { Errors } from 'typebox/schema'
import { type FieldSentence, schemaSentences } from '../../base/schema-sentences.ts'

/**
 * Judges a document by the schema of its kind before it is sent, in the words of the server. Without compiling: the
 * policy of the pages lets nothing be made into code.
 */
export function judgeValue(schema: unknown, value: unknown): readonly FieldSentence[] {
  if (typeof schema !== 'object' || schema === null) return []
  const [good, errors] = Errors(schema, value)
  return good ? [] : schemaSentences(errors, schema)
}
