import { configKind } from '../config-kind.ts'
import { choice, fields, flag, line, nameOf, prose } from './field-types.ts'
import { QUEUE } from './queue.ts'

/** Who answers before people do. */
export const VIRTUAL_AGENT = configKind({
  kind: 'virtual-agent',
  title: 'Virtual agent',
  about: 'Who answers before people do: an own script or a bot elsewhere, and the queue that it hands over to.',
  many: true,
  schema: fields({
    title: line('The name that visitors see.', { lengthMax: 80 }),
    enabled: flag('It answers.', true),
    greeting: prose('What it says first. Empty: nothing.', { lengthMax: 2000, fallback: '' }),
    channel: choice('`script`: the texts here. `bot`: a bot at `address`.', ['script', 'bot'], 'script'),
    address: line('Where the bot is: `https://bot.example.com/api/messages`.', { lengthMax: 500, fallback: '' }),
    queue: nameOf('queue', 'Who takes over from it.'),
  }),
  check: ({ channel, address, queue }, configuration) => [
    ...(configuration.has(`${QUEUE.kind}/${queue}`)
      ? []
      : [{ field: 'queue', sentence: `There is no queue called ${queue}.` }]),
    ...(channel === 'bot' && !/^https:\/\//.test(address ?? '')
      ? [{ field: 'address', sentence: 'A bot needs an address that begins with https://.' }]
      : []),
  ],
})
