import { configKind } from '../config-kind.ts'
import { imageFaults } from '../image-hosts.ts'
import { choice, colour, fields, flag, image, line, nameOf, prose } from './field-types.ts'
import { QUEUE } from './queue.ts'

/** One widget on one web site. */
export const WEB_CLIENT = configKind({
  kind: 'web-client',
  title: 'Web client',
  about: 'One widget on one web site: what it says, where it leads, and how it looks there.',
  many: true,
  schema: fields({
    title: line('The headline of the widget.', { lengthMax: 80 }),
    greeting: prose('What stands there before anybody wrote. Empty: nothing.', { lengthMax: 2000, fallback: '' }),
    queue: nameOf('queue', 'The queue that its conversations go to.'),
    side: choice('The corner of the page.', ['left', 'right'], 'right'),
    colour: colour('Instead of the branding’s.', '#1d4ed8'),
    image: image('Its image.'),
    askName: flag('Asks visitors for their name before they write.', false),
  }),
  check: ({ queue, image: address }, configuration) => [
    ...(configuration.has(`${QUEUE.kind}/${queue}`)
      ? []
      : [{ field: 'queue', sentence: `There is no queue called ${queue}.` }]),
    ...imageFaults({ image: address }, configuration),
  ],
})
