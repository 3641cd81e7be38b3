import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Random } from '../base/random.ts'
import type { Configuration } from '../config/configuration.ts'
import { signInRules } from '../config/kinds/sign-in-document.ts'
import type { Tokens } from '../protocol/tokens.ts'
import type { AccountStore } from '../store/account-store.ts'
import { EndedGrants, tokensThatEnd } from './ended-grants.ts'
import { Grants } from './grants.ts'
import type { Passwords } from './password-hash-node.ts'
import { ProviderSignIn } from './provider-sign-in-node.ts'
import type { SecretTexts } from './secret-text-node.ts'
import { SignIn } from './sign-in.ts'

export interface PeoplePorts {
  readonly store: AccountStore
  /** As they are signed, whatever was ended since. */
  readonly tokens: Tokens
  readonly passwords: Passwords
  readonly texts: SecretTexts
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly configuration: () => Configuration
  readonly secret: (name: string) => Promise<string | undefined>
}

/** Everything that a node needs to know who comes in. */
export interface People extends Pick<PeoplePorts, 'store' | 'tokens' | 'passwords' | 'texts' | 'configuration'> {
  readonly ended: EndedGrants
  readonly grants: Grants
  readonly signIn: SignIn
  readonly provider: ProviderSignIn
  /** A link by which the first account is made; `undefined` where there is one. */
  setUpLink(publicUrl: string): Promise<string | undefined>
  /** Whether the secret of a link may still make the first account. Rejects where the store is away. */
  setUpIsOffered(link: string): Promise<boolean>
}

/** What the secret of a set-up link begins with. */
export const SET_UP_PREFIX = 'hfl_'
const SET_UP_LIFETIME_MS = 24 * 60 * 60_000

/** `tokens` of the answer are those that end with their session or key: the ones for channels and routes. */
export function createPeople(ports: PeoplePorts): People {
  const { store, passwords, texts, clock, random, log, configuration, secret } = ports
  const rules = () => signInRules(configuration())
  const ended = new EndedGrants({ clock, log, store })
  return {
    store,
    passwords,
    texts,
    configuration,
    ended,
    tokens: tokensThatEnd(ports.tokens, ended),
    grants: new Grants({ store, texts, wallMs: () => clock.wallMs() }),
    signIn: new SignIn({ store, passwords, texts, random, log, rules }),
    provider: new ProviderSignIn({ clock, log, rules, secret }),
    async setUpLink(publicUrl) {
      const { text, hash } = texts.make(SET_UP_PREFIX)
      // Behind the hash of an address nothing is sent to servers or logged by them.
      // A node starts without the store, too; whoever has no account asks for the link again by a restart.
      const offered = await store.offerSetUp(hash, SET_UP_LIFETIME_MS).catch(() => false)
      return offered ? `${publicUrl}/set-up#link=${text}` : undefined
    },
    setUpIsOffered: (link) => store.setUpIsOffered(texts.hashOf(link)),
  }
}
