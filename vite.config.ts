import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { buildStamp } from './src/web/page-build-node.ts'
import { widgetScript } from './src/web/widget/widget-script-node.ts'

const page = (name: string) => resolve(import.meta.dirname, `src/web/${name}/index.html`)

/** The pages and the widget, into `dist/web`. Earlier builds' assets stay: an open page may still ask for them. */
export default defineConfig({
  root: 'src/web',
  publicDir: resolve(import.meta.dirname, 'src/web/public'),
  plugins: [react(), widgetScript(), buildStamp()],
  build: {
    outDir: resolve(import.meta.dirname, 'dist/web'),
    emptyOutDir: false,
    manifest: true,
    target: 'es2024',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: { demo: page('demo'), agent: page('agent'), console: page('console'), 'sign-in': page('sign-in'), 'set-up': page('set-up') } },
  },
})
