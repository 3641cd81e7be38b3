import { configKind } from '../config-kind.ts'
import { templateFault } from '../liquid-template.ts'
import { fields, line, prose } from './field-types.ts'

/** A mail that Holdfast writes. */
export const EMAIL_TEMPLATE = configKind({
  kind: 'email-template',
  title: 'E-mail template',
  about:
    'A mail that Holdfast writes, in Liquid: `transcript` at the end of a conversation, `alarm` when one is raised or cleared.',
  many: true,
  schema: fields({
    subject: line('The subject, in Liquid.', { lengthMax: 500 }),
    text: prose('The mail as plain text, in Liquid.', { lengthMax: 100_000 }),
    html: prose('The same as HTML, in Liquid; every value is escaped. Empty: plain text alone.', {
      lengthMax: 200_000,
      fallback: '',
    }),
  }),
  check: ({ subject, text, html = '' }) =>
    Object.entries({ subject, text, html }).flatMap(([field, template]) => {
      const fault = templateFault(template)
      return fault ? [{ field, sentence: `This is not Liquid: ${fault.sentence}.` }] : []
    }),
})
