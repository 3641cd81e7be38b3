/** What is decided when a system is set up, in this order. */
export type SetUpStepId = 'database' | 'address' | 'certificate' | 'mail' | 'account' | 'join'

/** One step of the set-up as the page, the command line and the documents tell it. */
export interface SetUpStep {
  readonly id: SetUpStepId
  readonly title: string
  /** What is looked at to say how the step stands. */
  readonly checks: string
  /** What happens when it is taken. */
  readonly applies: string
  /** What follows for whoever leaves it out; absent: it cannot be left out. */
  readonly skipped?: string
}

/** The whole set-up. The page `/set-up` and `holdfast setup` go through this list and know no other. */
export const SET_UP_STEPS: readonly SetUpStep[] = [
  {
    id: 'database',
    title: 'Database',
    checks: 'Looks at the version, the settings that keep acknowledged messages safe, and how long one question takes.',
    applies: 'Nothing is changed: a node is given its database when it starts.',
  },
  {
    id: 'address',
    title: 'Public address',
    checks: 'Looks whether the name servers know the name, and whether a request to it comes back to this cluster.',
    applies: 'Then all nodes write it into links, tokens and mails, at once.',
    skipped:
      'Every node gives its own address to clients and into links: people must be able to reach each server by its name.',
  },
  {
    id: 'certificate',
    title: 'HTTPS',
    checks:
      'Looks what a browser is shown at the public address: for which names, for how long, and whether it is believed.',
    applies: 'A certificate that is brought here is shown by all nodes within two seconds; no open connection notices.',
    skipped:
      'Browsers warn of the certificate or refuse the page, or what people write travels readable. Fit for trying only.',
  },
  {
    id: 'mail',
    title: 'Mail',
    checks: 'Looks whether the mail server takes a real test mail.',
    applies: 'Then server and sender are stored, the password in the vault of secrets alone.',
    skipped: 'No visitor is sent a transcript, and nobody is sent mail when a server dies.',
  },
  {
    id: 'account',
    title: 'First administrator',
    checks: 'Looks whether there is an account that may change everything.',
    applies: 'With the first one you are signed in, and every set-up link is void.',
  },
  {
    id: 'join',
    title: 'Next server',
    checks: 'Looks how many nodes are in the cluster.',
    applies: 'One command on a server that is in, another one on the server that joins.',
    skipped: 'One server serves alone: while it is away nobody can write. Nothing that was acknowledged is lost.',
  },
]

/** A step by its name. */
export function setUpStep(id: SetUpStepId): SetUpStep {
  const found = SET_UP_STEPS.find((step) => step.id === id)
  if (!found) throw new Error(`There is no step ${id}`)
  return found
}

/** How the next server joins: the token is made where the secrets are, so that no page ever shows it. */
export const JOIN_COMMANDS = {
  make: 'holdfast token join > join.token',
  join: 'holdfast serve --name chat-2 --join "$(cat join.token)"',
} as const
