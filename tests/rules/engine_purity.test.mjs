// The engine does no I/O and owns no clock, thread or randomness, and throws nothing: looked for in its source, and in
// what its compiled libraries want from outside.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { build } from '../../scripts/paths.mjs'
import { files, hits, read, withoutCommentsAndStrings } from './tree.mjs'

const sources = files(/^core\/.*\.(h|cc)$/)

const banned = {
  'a clock': /::now\s*\(|\bstd::time\b|\b(clock_gettime|gettimeofday|localtime|mktime)\s*\(/,
  randomness: /\bstd::s?rand\b|\brandom_device\b|\bmt19937|(?<![\w.>:])s?rand\s*\(/,
  'a thread':
    /\bstd::(j?thread|mutex|recursive_mutex|shared_mutex|condition_variable|atomic|async|future|promise)\b|\bthread_local\b/,
  'standard streams':
    /\b(?:std::)?(?:f|v|vf)?printf\s*\(|\b(?:std::)?f?puts\s*\(|\bstd::(cout|cerr|clog|cin)\b/,
  'an exception': /\bthrow\b|\btry\b\s*\{|\bcatch\s*\(/,
  RTTI: /\bdynamic_cast\b|\btypeid\b/,
  // These throw on bad input, which without exceptions ends the node.
  'a throwing conversion': /\bstd::sto(i|l|ll|ul|ull|f|d)\b|\bstd::regex\b/,
  'the environment': /\b(?:std::)?(getenv|system|exit)\s*\(/,
  'a header of the world outside':
    /#\s*include\s*<(iostream|fstream|filesystem|thread|mutex|shared_mutex|condition_variable|future|random|regex|cstdio|ctime|csignal|unistd\.h|sys\/\w+\.h|emscripten.*|boost\/.*)>/,
}

for (const [name, pattern] of Object.entries(banned)) {
  test(`core does not use ${name}`, () => {
    const found = sources.flatMap((path) =>
      hits(path, withoutCommentsAndStrings(read(path)), pattern),
    )
    assert.deepEqual(found, [])
  })
}

test('the patterns find what they ban, and do not look into comments and strings', () => {
  const samples = {
    'a clock': 'auto t = std::chrono::steady_clock::now();',
    randomness: 'int x = rand ();',
    'a thread': 'std::mutex m;',
    'standard streams': 'std::printf("x");',
    'an exception': 'try { f(); }',
    RTTI: 'dynamic_cast<A*>(b)',
    'a throwing conversion': 'std::stoul(s)',
    'the environment': 'std::getenv("A")',
    'a header of the world outside': '#include <iostream>',
  }
  for (const [name, pattern] of Object.entries(banned))
    assert.match(withoutCommentsAndStrings(samples[name]), pattern)
  const harmless = withoutCommentsAndStrings(
    'f("throw", R"(try {)", \'"\'); // throw\n/* ::now( */ int operand(int);\n',
  )
  for (const pattern of Object.values(banned)) assert.doesNotMatch(harmless, pattern)
})

// --- compiled libraries ---

const outside = new RegExp(
  `^(${[
    'clock_gettime|gettimeofday|time|clock|nanosleep|usleep|sleep',
    'socket|connect|bind|listen|accept|send|sendto|recv|recvfrom|poll|select|epoll_\\w+',
    'open|open64|openat|read|write|pread|pwrite|fsync|mmap|fopen|fopen64|fread|fwrite|fclose|unlink|rename|mkdir',
    '(v?f?printf|puts|fputs|putchar)(_chk)?|__v?f?printf_chk',
    's?rand|s?random|getrandom|getentropy|arc4random\\w*',
    'pthread_(create|mutex_lock|cond_wait)',
    'getenv|secure_getenv|system|fork|exit|_exit',
    '__cxa_throw|__cxa_rethrow|__cxa_begin_catch|__dynamic_cast',
    '_ZNSt6chrono.*3nowEv|_ZSt4(cout|cerr|clog)|_ZNSt13random_device.*|_ZNSt6thread.*',
  ].join('|')})$`,
)

test('the compiled layers want nothing banned from outside', () => {
  const folder = join(build, 'release/core')
  const libraries = existsSync(folder)
    ? readdirSync(folder).filter((name) => /^libfrond_.*\.a$/.test(name))
    : []
  assert.ok(libraries.length > 0, 'the layers are not built: npm run build:native')
  const found = libraries.flatMap((name) =>
    undefinedSymbols(join(folder, name))
      .filter((symbol) => outside.test(symbol))
      .map((symbol) => `${name}: ${symbol}`),
  )
  assert.deepEqual([...new Set(found)], [])
})

function undefinedSymbols(archive) {
  const output = execFileSync('nm', ['-u', '--format=posix', archive], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  return output.split('\n').flatMap((line) => /^(\S+) U\b/.exec(line)?.[1].replace(/@.*/, '') ?? [])
}

test('the symbol list catches the usual ways out', () => {
  for (const symbol of [
    'clock_gettime',
    'write',
    'socket',
    '_ZNSt6chrono3_V212steady_clock3nowEv',
    '__cxa_throw',
    '__printf_chk',
  ]) {
    assert.match(symbol, outside)
  }
  for (const symbol of ['abort', 'memcpy', '_Znwm', 'snprintf'])
    assert.doesNotMatch(symbol, outside)
})
