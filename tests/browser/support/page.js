// What the test page offers to page.evaluate().
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import { nuid } from '@nats-io/nats-core'
import * as frond from 'frond'

Object.assign(globalThis, { frond, jetstream, jetstreamManager, Kvm, nuid })
globalThis.ready = true
