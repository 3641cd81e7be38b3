import { Component, type ReactNode } from 'react'
import { PageFault } from './page-fault.tsx'

/** Keeps the fault of one page from the rest of the console. */
export class PageBoundary extends Component<{ onAgain: () => void; children: ReactNode }, { faulty: boolean }> {
  override state = { faulty: false }

  static getDerivedStateFromError() {
    return { faulty: true }
  }

  override render() {
    if (!this.state.faulty) return this.props.children
    return (
      <PageFault
        title="This page stopped working"
        sentence="That is a fault of ours; the other pages go on, and nothing that was saved is lost."
        onAgain={this.props.onAgain}
      />
    )
  }
}
