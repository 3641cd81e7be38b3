import { configKind } from '../config-kind.ts'
import { imageFaults } from '../image-hosts.ts'
import { count, fields, flag, image, language, line, prose } from './field-types.ts'

/** Where visitors wait for an agent. */
export const QUEUE = configKind({
  kind: 'queue',
  title: 'Queue',
  about: 'Where visitors wait for an agent: its name, its order among the others, and what is said meanwhile.',
  many: true,
  schema: fields({
    title: line('The name that people see.', { lengthMax: 80 }),
    open: flag('New conversations are taken in.', true),
    priority: count('Who waits here goes before who waits in a queue of a higher number.', {
      min: 1,
      max: 1000,
      fallback: 100,
    }),
    language: language('The language that is spoken here.', 'en'),
    image: image('Its image.'),
    waiting: prose('What a visitor reads who has to wait.', {
      lengthMax: 2000,
      fallback: 'Somebody will be with you in a moment.',
    }),
    closed: prose('What a visitor reads while the queue is closed.', {
      lengthMax: 2000,
      fallback: 'Nobody is here at the moment.',
    }),
  }),
  check: ({ image: address }, configuration) => imageFaults({ image: address }, configuration),
})
