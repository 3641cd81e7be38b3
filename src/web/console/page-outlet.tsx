import { Skeleton } from '@mantine/core'
import { type ComponentType, type LazyExoticComponent, lazy, Suspense, useState } from 'react'
import type { ConsolePage } from './console-page.ts'
import { PageBoundary, PageNotFetched } from './page-boundary.tsx'

type Fetched = LazyExoticComponent<ComponentType>

/** The page itself, fetched when it is first shown; its faults stay here. */
export function PageOutlet(props: { page: ConsolePage }) {
  const { page } = props
  const [fetched] = useState(() => new Map<string, Fetched>())
  const [attempt, setAttempt] = useState(0)
  const Page = fetched.get(page.path) ?? lazyPage(page)
  fetched.set(page.path, Page)
  const again = () => {
    fetched.delete(page.path)
    setAttempt(attempt + 1)
  }
  return (
    <PageBoundary key={`${page.path} ${attempt}`} onAgain={again}>
      <Suspense fallback={<PageSkeleton />}>
        <Page />
      </Suspense>
    </PageBoundary>
  )
}

function lazyPage(page: ConsolePage): Fetched {
  return lazy(() =>
    page.load().catch((cause: unknown) => {
      throw new PageNotFetched(`the page ${page.path} could not be fetched`, { cause })
    }),
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
