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
]
