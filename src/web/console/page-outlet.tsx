import { Skeleton } from '@mantine/core'
import { type ComponentType, useEffect, useState } from 'react'
import type { ConsolePage } from './console-page.ts'
import { PageBoundary } from './page-boundary.tsx'
import { PageFault } from './page-fault.tsx'

/** Without `Page`, its code did not come. */
interface Fetched {
  readonly page: ConsolePage
  readonly Page?: ComponentType
}

/**
 * The page itself, fetched when it is shown; its faults stay here. Not by `Suspense`, which holds back for 300 ms what
 * comes after a skeleton.
 */
export function PageOutlet(props: { page: ConsolePage }) {
  const { page } = props
  const [fetched, setFetched] = useState<Fetched>()
  const [attempt, setAttempt] = useState(0)
  useEffect(() => {
    let gone = false
    page.load().then(
      ({ default: Page }) => !gone && setFetched({ page, Page }),
      () => !gone && setFetched({ page }),
    )
    return () => {
      gone = true
    }
  }, [page])
  if (fetched?.page !== page) return <PageSkeleton />
  const { Page } = fetched
  if (!Page)
    return (
      <PageFault
        title="This page could not be fetched"
        sentence="The server did not give it: it may be away, or a newer version may have come."
        // A browser remembers that code did not come, until everything is loaded anew.
        onAgain={() => location.reload()}
      />
    )
  return (
    <PageBoundary key={`${page.path} ${attempt}`} onAgain={() => setAttempt(attempt + 1)}>
      <Page />
    </PageBoundary>
  )
}

/** The outline of a page, where it takes longer than a moment. */
export function PageSkeleton() {
  return (
    <div className="page-skeleton" role="status" aria-busy="true">
      <span className="hidden-text">One moment</span>
      <Skeleton height={92} radius={14} />
      <Skeleton height={260} radius={14} />
    </div>
  )
}
