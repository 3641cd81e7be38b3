import type { Configuration } from '../config/configuration.ts'
import { CLUSTER_SETTINGS } from '../config/kinds/settings-document.ts'
import type { LogStore } from '../store/log-store.ts'
import type { EffectOutcome } from './effect-decision.ts'
import { writeLetter } from './mail-letter.ts'
import { type MailOrder, mailOrderIn } from './mail-order.ts'
import { transcriptFacts } from './mail-transcript.ts'
import type { Effect } from './outbox-driver.ts'
import type { Mailer } from './smtp-mailer-node.ts'

interface MailPorts {
  readonly configuration: () => Configuration
  /** A secret by its name. */
  readonly secret: (name: string) => Promise<string | undefined>
  readonly store: Pick<LogStore, 'read'>
  readonly mailer: Mailer
}

const PASSWORD = 'mail-password'

/** Carries a mail of the outbox out: writes the letter by the configuration of this moment and hands it to the server. */
export function mailEffect(ports: MailPorts): Effect {
  return async ({ id, body }) => {
    const order = mailOrderIn(body)
    if (!order) return { kind: 'never', reason: 'The item is not a mail that this program can read.' }
    const { transcript, facts } = order
    const said = transcript ? await transcriptFacts(ports.store, transcript) : {}
    return sendMail(ports, id, order, { ...said, ...facts })
  }
}

/** Sends one mail now; also the test mail of the set-up. */
export async function sendMail(
  { configuration, secret, mailer }: Omit<MailPorts, 'store'>,
  id: string,
  order: MailOrder,
  facts: Readonly<Record<string, unknown>> = order.facts,
): Promise<EffectOutcome> {
  const present = configuration()
  const { mailServer = '', mailFrom = '' } = present.one(CLUSTER_SETTINGS)
  // Somebody will write it; until then mails wait.
  if (!mailServer || !mailFrom)
    return { kind: 'later', reason: 'No mail server or no sender is set (`settings`: mailServer, mailFrom).' }
  const letter = await writeLetter(id, order, facts, present)
  return mailer({ url: mailServer, password: await secret(PASSWORD), from: mailFrom }, letter)
}
