import { ACCOUNT_ROLES, type AccountRole } from '../protocol/staff-roles.ts'
import { accountNameOf } from './account-name.ts'
import type { Vouched } from './sign-in.ts'

/** What of the configuration tells how to read a provider's word. */
export interface ProviderRules {
  /** Empty: there is no provider. */
  readonly issuer: string
  readonly clientId: string
  readonly scope: string
  readonly groupsClaim: string
  readonly adminGroups: string
  readonly supervisorGroups: string
  readonly agentGroups: string
  readonly auditorGroups: string
}

/** Who somebody is by the claims of a provider. The identity is issuer and subject, which alone never change hands. */
export function vouchedBy(claims: Readonly<Record<string, unknown>>, rules: ProviderRules): Vouched | undefined {
  const { iss, sub } = claims
  if (typeof iss !== 'string' || typeof sub !== 'string') return undefined
  const text = (name: string) => (typeof claims[name] === 'string' && claims[name] !== '' ? claims[name] : undefined)
  const called = text('preferred_username') ?? text('email') ?? sub
  return {
    identity: `${iss} ${sub}`,
    name: accountNameOf(called) ?? accountNameOf(`user-${sub}`) ?? 'user',
    displayName: (text('name') ?? called).slice(0, 64),
    roles: rolesBy(claims[rules.groupsClaim], rules),
  }
}

function rolesBy(claim: unknown, rules: ProviderRules): readonly AccountRole[] {
  const groups = (Array.isArray(claim) ? claim : [claim]).filter((group) => typeof group === 'string')
  const mapped: Readonly<Record<AccountRole, string>> = {
    admin: rules.adminGroups,
    supervisor: rules.supervisorGroups,
    agent: rules.agentGroups,
    auditor: rules.auditorGroups,
  }
  return ACCOUNT_ROLES.filter((role) => listed(mapped[role]).some((group) => groups.includes(group)))
}

function listed(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
}
