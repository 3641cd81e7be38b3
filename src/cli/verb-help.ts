import { settingsReference } from '../config/settings.ts'
import { loadVerb, VERB_NAMES } from './all-verbs.ts'
import { helpOf, overviewOf } from './help-text.ts'
import { EXIT, JSON_OPTION, suggestion, UsageError, type Verb } from './verb.ts'

export const verb: Verb = {
  name: 'help',
  summary: 'Lists all verbs, or explains one.',
  usage: ['help', 'help <verb>', 'help settings'],
  examples: [
    { command: 'holdfast help', does: 'Lists all verbs and exit codes.' },
    { command: 'holdfast help node', does: 'The same as `holdfast node --help`.' },
  ],
  options: { json: JSON_OPTION },
  notes: ['`holdfast help settings` prints every setting of a node as a Markdown table.'],
  async run(args, io) {
    const [word] = args.words
    if (word === 'settings') {
      io.out(settingsReference())
      return EXIT.done
    }
    if (word !== undefined) {
      const name = VERB_NAMES.find((known) => known === word)
      if (!name) throw new UsageError(`There is no verb "${word}".${suggestion(word, VERB_NAMES)}`)
      const explained = await loadVerb(name)
      io.out(args.flag('json') ? JSON.stringify(explained) : helpOf(explained))
      return EXIT.done
    }
    const verbs = await Promise.all(VERB_NAMES.map(loadVerb))
    io.out(args.flag('json') ? JSON.stringify(verbs) : overviewOf(verbs))
    return EXIT.done
  },
}
