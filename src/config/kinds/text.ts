import { configKind } from '../config-kind.ts'
import { fields, language, line, prose } from './field-types.ts'

/** A text that agents and virtual agents say often. */
export const TEXT = configKind({
  kind: 'text',
  title: 'Text',
  about: 'A text that agents and virtual agents say often; Markdown.',
  many: true,
  schema: fields({
    title: line('What it is found by.', { lengthMax: 80 }),
    language: language('The language that it is written in.', 'en'),
    body: prose('What is said.'),
  }),
})
