import type { MemberFacts } from './log-store.ts'

/** What a chat node says of itself that nobody needs to reach, for tests of stores. */
export const CHAT_FACTS: MemberFacts = {
  relayAddress: '',
  httpUrl: '',
  roles: ['chat'],
  mode: 'enabled',
  version: '',
  formatReads: 1,
  owned: 0,
  attached: 0,
}
