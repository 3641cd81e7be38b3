import { Button } from '@mantine/core'
import { Component, type ReactNode } from 'react'

/** The code of a page did not come. A browser remembers that, until everything is loaded anew. */
export class PageNotFetched extends Error {}

/** Keeps the fault of one page from the rest of the console. */
export class PageBoundary extends Component<{ onAgain: () => void; children: ReactNode }, { fault: unknown }> {
  override state: { fault: unknown } = { fault: undefined }

  static getDerivedStateFromError(fault: unknown) {
    return { fault: fault ?? new Error('something was thrown that is no error') }
  }

  override render() {
    const { fault } = this.state
    if (fault === undefined) return this.props.children
    const notFetched = fault instanceof PageNotFetched
    return (
      <div className="card empty" role="alert">
        <h2>{notFetched ? 'This page could not be fetched' : 'This page stopped working'}</h2>
        <p>
          {notFetched
            ? 'The server did not give it: it may be away, or a newer version may have come.'
            : 'That is a fault of ours; the other pages go on, and nothing that was saved is lost.'}
        </p>
        <Button variant="default" onClick={notFetched ? () => location.reload() : this.props.onAgain}>
          Try again
        </Button>
      </div>
    )
  }
}
