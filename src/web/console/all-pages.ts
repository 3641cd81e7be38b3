import type { ConsolePage } from './console-page.ts'

/** Every page of the console, within its group in this order. The first one that somebody may see is where he begins. */
export const ALL_PAGES: readonly ConsolePage[] = [
  {
    path: 'cluster',
    title: 'Cluster',
    group: 'Operate',
    scope: 'audit',
    load: () => import('../cluster/cluster-page.tsx'),
  },
  {
    path: 'alarms',
    title: 'Alarms',
    group: 'Operate',
    scope: 'audit',
    load: () => import('../alarms/alarms-page.tsx'),
  },
  {
    path: 'outbox',
    title: 'Outbox',
    group: 'Operate',
    scope: 'audit',
    load: () => import('../outbox/outbox-page.tsx'),
  },
  {
    path: 'configuration',
    title: 'Configuration',
    group: 'Configure',
    scope: 'audit',
    load: () => import('../configuration/configuration-page.tsx'),
  },
  {
    path: 'assets',
    title: 'Images and files',
    group: 'Configure',
    scope: 'audit',
    load: () => import('../assets/assets-page.tsx'),
  },
  {
    path: 'secrets',
    title: 'Secrets',
    group: 'Configure',
    scope: 'audit',
    load: () => import('../secrets/secrets-page.tsx'),
  },
  {
    path: 'certificates',
    title: 'Certificates',
    group: 'Configure',
    scope: 'audit',
    load: () => import('../certificates/certificates-page.tsx'),
  },
  {
    path: 'accounts',
    title: 'Accounts',
    group: 'People',
    scope: 'audit',
    load: () => import('../accounts/accounts-page.tsx'),
  },
  {
    path: 'api-keys',
    title: 'API keys',
    group: 'People',
    scope: 'audit',
    load: () => import('../api-keys/api-keys-page.tsx'),
  },
  {
    path: 'audit',
    title: 'Audit',
    group: 'People',
    scope: 'audit',
    load: () => import('../audit/audit-page.tsx'),
  },
  {
    path: 'my-account',
    title: 'My account',
    group: 'People',
    scope: 'staff',
    load: () => import('../my-account/my-account-page.tsx'),
  },
]
