// What the tests of one file share: the site with the built package on it, served, and one browser with a profile of
// its own. Call it once, at the top of the file; it is there when the tests run.
import { after, before } from 'node:test'
import { newProfile, startChromium } from './chromium.mjs'
import { buildSite, serve } from './site.mjs'

export function openedSite() {
  const shared = {
    site: undefined,
    browser: undefined,
    /** A new page of the site. */
    openPage: () => shared.browser.open(shared.site.url),
  }
  let profile
  before(async () => {
    shared.site = await serve(await buildSite())
    profile = newProfile()
    shared.browser = await startChromium(profile.path)
  })
  after(async () => {
    await shared.browser.kill()
    profile.remove()
    await shared.site.close()
  })
  return shared
}
