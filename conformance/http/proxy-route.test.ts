// Tests of the proxy for an endpoint: the given proxy, the proxy from the environment, and the exceptions in NO_PROXY.
import { expect } from 'chai';
import { findProxyRoute, isExempt, parseProxy } from './proxy-route.ts';

describe('the URL of a proxy', () => {
  for (const [text, shown] of [
    ['http://proxy.example.com:3128', 'http://proxy.example.com:3128'],
    ['http://proxy.example.com:3128/', 'http://proxy.example.com:3128'],
    ['http://proxy.example.com', 'http://proxy.example.com:80'],
    ['https://proxy.example.com', 'https://proxy.example.com:443'],
    ['HTTP://Proxy.Example.com:3128', 'http://proxy.example.com:3128'],
    ['proxy.example.com:3128', 'http://proxy.example.com:3128'],
    ['192.0.2.7:8080', 'http://192.0.2.7:8080'],
    ['http://[2001:db8::7]:8080', 'http://[2001:db8::7]:8080'],
    ['user:secret@proxy.example.com:3128', 'http://proxy.example.com:3128'],
  ] as const) {
    it(`is read from ${text}, and shown with its port and without credentials`, () => {
      expect(parseProxy(text)?.shown).to.equal(shown);
    });
  }

  for (const text of [
    '',
    'http://',
    'socks5://proxy.example.com:1080',
    'ftp://proxy.example.com',
    'http://proxy.example.com:99999',
    'http://proxy.example.com/path',
    'http://proxy.example.com?query',
    'two words',
  ]) {
    it(`is not "${text}"`, () => {
      expect(parseProxy(text)).to.equal(null);
    });
  }

  for (const [name, url, userPass] of [
    ['a name and a password', 'http://user:secret@proxy:3128', 'user:secret'],
    ['percent-encoded signs', 'http://us%40er:p%3A%C3%BC%2F@proxy:3128', 'us@er:p:ü/'],
    ['a name alone', 'http://user@proxy:3128', 'user:'],
  ] as const) {
    it(`contains credentials with ${name}`, () => {
      const value = parseProxy(url)?.authorization ?? '';
      expect(Buffer.from(value.replace('Basic ', ''), 'base64').toString('utf8')).to.equal(userPass);
    });
  }

  it('results in no credentials when it contains none, and in a host without brackets for an IPv6 address', () => {
    expect(parseProxy('https://[::1]:8443')).to.deep.equal({
      shown: 'https://[::1]:8443',
      isTls: true,
      host: '::1',
      port: 8443,
      authorization: null,
    });
  });
});

describe('NO_PROXY', () => {
  const exempt: readonly (readonly [noProxy: string, url: string])[] = [
    ['*', 'https://users.example.com/'],
    ['users.example.com', 'https://users.example.com/'],
    ['example.com', 'https://users.example.com/'],
    ['.example.com', 'https://users.example.com/'],
    ['.example.com', 'https://example.com/'],
    ['*.example.com', 'https://users.example.com/'],
    ['EXAMPLE.com', 'https://users.example.com/'],
    ['example.com.', 'https://users.example.com/'],
    ['example.com', 'https://users.example.com./'],
    ['a.test,example.com', 'https://users.example.com/'],
    [' a.test  example.com ', 'https://users.example.com/'],
    ['example.com:443', 'https://users.example.com/'],
    ['example.com:80', 'http://users.example.com/'],
    ['example.com:8443', 'https://users.example.com:8443/'],
    ['192.0.2.7', 'https://192.0.2.7/'],
    ['192.0.2.7:8443', 'https://192.0.2.7:8443/'],
    ['192.0.2.0/24', 'https://192.0.2.200/'],
    ['10.0.0.0/8', 'https://10.200.1.1/'],
    ['10.0.0.0/8:8443', 'https://10.200.1.1:8443/'],
    ['[2001:db8::]/32:8443', 'https://[2001:db8:1::7]:8443/'],
    ['0.0.0.0/0', 'https://192.0.2.7/'],
    ['2001:db8::7', 'https://[2001:db8::7]/'],
    ['2001:DB8:0::7', 'https://[2001:db8::7]/'],
    ['[2001:db8::7]', 'https://[2001:db8::7]/'],
    ['[2001:db8::7]:8443', 'https://[2001:db8::7]:8443/'],
    ['2001:db8::/32', 'https://[2001:db8:1::7]/'],
    ['[2001:db8::]/32', 'https://[2001:db8:1::7]/'],
  ];
  for (const [noProxy, url] of exempt) {
    it(`"${noProxy}" exempts ${url}`, () => {
      expect(isExempt(new URL(url), noProxy)).to.equal(true);
    });
  }

  const asked: readonly (readonly [noProxy: string, url: string])[] = [
    ['', 'https://users.example.com/'],
    [' , ,', 'https://users.example.com/'],
    ['.', 'https://users.example.com/'],
    ['*.', 'https://users.example.com/'],
    ['ample.com', 'https://example.com/'],
    ['users.example.com', 'https://example.com/'],
    ['example.com:8443', 'https://users.example.com/'],
    ['example.com:443', 'http://users.example.com/'],
    ['192.0.2.7', 'https://192.0.2.70/'],
    ['2.7', 'https://192.0.2.7/'],
    ['192.0.2.0/24', 'https://192.0.3.1/'],
    ['192.0.2.0/33', 'https://192.0.2.1/'],
    ['192.0.2.0/24', 'https://[2001:db8::7]/'],
    ['192.0.2.0/24', 'https://users.example.com/'],
    ['2001:db8::/32', 'https://[2001:db9::7]/'],
    ['2001:db8::7', 'https://192.0.2.7/'],
    ['[2001:db8::7]:8443', 'https://[2001:db8::7]/'],
    ['example.com/24', 'https://example.com/'],
  ];
  for (const [noProxy, url] of asked) {
    it(`"${noProxy}" does not exempt ${url}`, () => {
      expect(isExempt(new URL(url), noProxy)).to.equal(false);
    });
  }
});

describe('the route to an endpoint', () => {
  const https = new URL('https://users.example.com/user-info');
  const http = new URL('http://users.example.com/user-info');
  const proxies = { HTTPS_PROXY: 'http://secure:1', HTTP_PROXY: 'http://plain:2', ALL_PROXY: 'http://any:3' };

  function findWay(url: URL, environment: Readonly<Record<string, string>>, given?: string, address?: string) {
    const { proxy, fault } = findProxyRoute(url, given, address, environment);
    return fault ?? (typeof proxy === 'object' ? proxy.shown : (proxy ?? 'no proxy anywhere'));
  }

  const cases: readonly (readonly [name: string, expected: string | RegExp, ...of: Parameters<typeof findWay>])[] = [
    ['is straight without any proxy', 'no proxy anywhere', https, {}],
    ['of https:// is HTTPS_PROXY', 'http://secure:1', https, proxies],
    ['of http:// is HTTP_PROXY', 'http://plain:2', http, proxies],
    [
      'is ALL_PROXY where no other variable is set',
      'http://any:3',
      http,
      { HTTPS_PROXY: 'http://s:1', ALL_PROXY: 'any:3' },
    ],
    ['may be named in lower case', 'http://lower:4', https, { ...proxies, https_proxy: 'http://lower:4' }],
    ['is not an empty variable', 'http://secure:1', https, { ...proxies, https_proxy: '' }],
    ['goes past what NO_PROXY exempts', 'none', https, { ...proxies, NO_PROXY: 'example.com' }],
    ['goes past what no_proxy exempts', 'none', https, { ...proxies, NO_PROXY: 'a.test', no_proxy: '*' }],
    ['is straight with NO_PROXY alone', 'no proxy anywhere', https, { NO_PROXY: '*' }],
    ['is --proxy before the environment', 'http://given:5', https, proxies, 'given:5'],
    ['is --proxy whatever NO_PROXY says', 'http://given:5', https, { ...proxies, NO_PROXY: '*' }, 'given:5'],
    ['is straight with --proxy none', 'none', https, proxies, 'none'],
    ['is straight with --proxy none and no proxy', 'no proxy anywhere', https, {}, 'none'],
    ['to loopback is straight', 'none', new URL('http://127.0.0.1:8080/'), proxies],
    ['to localhost is straight', 'none', new URL('https://localhost/'), proxies],
    ['to loopback over IPv6 is straight', 'none', new URL('https://[::1]:8443/'), proxies],
    ['to a name that --resolve puts on loopback is straight', 'none', https, proxies, undefined, '127.0.0.2'],
    ['to loopback is --proxy', 'http://given:5', new URL('http://127.0.0.1:8080/'), {}, 'given:5'],
    ['is not SOCKS', /^--proxy must be none or .*SOCKS is not supported/, https, {}, 'socks5://u:secret@proxy:1080'],
    [
      'is an error when a variable is invalid',
      /^The environment variable ALL_PROXY must/,
      https,
      { ALL_PROXY: 'socks5://p' },
    ],
    ['does not matter where NO_PROXY exempts', 'none', https, { ALL_PROXY: 'socks5://p', NO_PROXY: '*' }],
  ];
  for (const [name, expected, ...of] of cases) {
    it(name, () => {
      if (typeof expected === 'string') expect(findWay(...of)).to.equal(expected);
      else
        expect(findWay(...of))
          .to.match(expected)
          .and.not.to.include('secret');
    });
  }
});
