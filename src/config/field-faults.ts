import type { TObject } from 'typebox'
import { Compile } from 'typebox/compile'
import { schemaSentences } from '../base/schema-sentences.ts'
import type { FieldFault } from './config-kind.ts'

/** Judges values by a schema, in sentences for whoever wrote them. The schema is compiled once. */
export function fieldJudge(schema: TObject): (value: unknown) => readonly FieldFault[] {
  const compiled = Compile(schema)
  return (value) => (compiled.Check(value) ? [] : schemaSentences(compiled.Errors(value), schema))
}
