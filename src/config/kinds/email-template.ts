import { configKind } from '../config-kind.ts'
import { liquidFaults } from '../liquid-template.ts'
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
  liquid: {
    fields: ['subject', 'text', 'html'],
    facts: [
      ...['brand', 'publicUrl', 'server'],
      ...['visitor', 'subject', 'conversation', 'reason', 'openedAt', 'closedAt', 'messages', 'leftOut'],
      ...['alarm', 'title', 'state', 'severity', 'sentence', 'since', 'duration', 'affected', 'meaning', 'remedy'],
    ],
  },
  check: ({ subject, text, html = '' }) => liquidFaults({ subject, text, html }),
})
