import { configKind } from '../config-kind.ts'
import { liquidFaults } from '../liquid-template.ts'
import { fields, language, line, prose } from './field-types.ts'

/** A text that agents and virtual agents say often. */
export const TEXT = configKind({
  kind: 'text',
  title: 'Text',
  about:
    'A text that agents and virtual agents say often; Markdown, in Liquid: `{{ server }}` is the host of `publicUrl`.',
  many: true,
  schema: fields({
    title: line('What it is found by.', { lengthMax: 80 }),
    language: language('The language that it is written in.', 'en'),
    body: prose('What is said.'),
  }),
  liquid: { fields: ['body'], facts: ['server'] },
  check: ({ body }) => liquidFaults({ body }),
})
