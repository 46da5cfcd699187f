// Tests of what counts as a leak, and that usual error bodies and headers do not.
import { expect } from 'chai';
import type { Answer } from '../http/endpoint-request.ts';
import { findBackendMessage, findStackTrace, findVersion } from './error-leaks.ts';

const json = (detail: string) => JSON.stringify({ title: 'Something failed.', detail });
const page = (text: string) => `<!DOCTYPE html><html><body><pre>${text}</pre></body></html>`;

describe('findStackTrace', () => {
  const cases: Readonly<Record<string, [body: string, found: string | null]>> = {
    'Express in a page': [
      page('Error: no<br> &nbsp; &nbsp;at find (/srv/app.js:10:5)<br> &nbsp; &nbsp;at next'),
      'JavaScript',
    ],
    'Node in JSON': [json('Error: no\n    at Object.find (file:///srv/app.js:10:5)\n    at async x'), 'JavaScript'],
    'Flask in a page': [page('File &quot;/srv/app.py&quot;, line 3, in find'), 'Python'],
    'Spring in JSON': [JSON.stringify({ trace: 'java.lang.NullPointerException\n\tat a.B.c(B.java:1)' }), 'Java'],
    'an old servlet package': ['javax.naming.NamingException: no', 'Java'],
    'ASP.NET': ['   at App.Users.Find(String id) in C:\\app\\Users.cs:line 12', '.NET'],
    Go: [json('runtime error\n\ngoroutine 7 [running]:'), 'Go'],
    PHP: ['<b>Fatal error</b>: no in <b>/srv/x.php</b> on line <b>12</b>', 'PHP'],
    Ruby: ["app.rb:12:in `find'", 'Ruby'],
    'Node, a frame without a name': ['Error: no\n    at /srv/app.js:10:51', 'JavaScript'],
    'Node, a frame at the end of a page': [page('Error\n    at find (app.js:1:5)'), 'JavaScript'],
    'Node in a JSON text with tabs': ['"Error\\n\\tat find (app.js:10:52)"', 'JavaScript'],
    'Node after a self-closing break': [page('Error<br/>at find (app.js:10:52)<br>'), 'JavaScript'],
    'Python from its beginning': ['Traceback (most recent call last):', 'Python'],
    'Python in JSON': [json('File "/srv/app.py", line 31, in find'), 'Python'],
    'Java alone': ['\tat com.example.Users.find(Users.java:12)', 'Java'],
    'Java, its exception alone': ['java.sql.SQLException: no', 'Java'],
    'Kotlin in a page that escapes': [page('at com.example.Users$1.&lt;init&gt;, at a.B.c(B.kt:12)'), 'Java'],
    '.NET, its exception alone': ['System.Data.SqlClient.SqlException (0x80131904)', '.NET'],
    '.NET, an exception without a namespace': ['System.NullReferenceException: no', '.NET'],
    '.NET in a page that escapes': [page('at App.Users.&lt;Find&gt;d__1.MoveNext() in /src/Users.cs:line 7'), '.NET'],
    'PHP, a frame': ['#12 /srv/x.php(345): find()', 'PHP'],
    'PHP from its beginning': ['Stack trace:', 'PHP'],
    'PHP in plain text': ['Warning: no in /srv/x.php on line 12', 'PHP'],
    'Ruby of today': ["app.rb:12:in 'find'", 'Ruby'],
    'Ruby in a page that escapes': [page('app.rb:3:in &#39;find&#39;'), 'Ruby'],
    'a trace far from the beginning': [`${' '.repeat(20_000)}Traceback (most recent call last)`, null],
    'a sentence with two numbers': ['We are at 10 Main Street, room 5:12:7th', null],
    'a heading with a number': ['See #12 of the guide (3): find', null],
    'what a sentence is on': ['The service is on line since 12', null],
    'the name of a file': [json('File "/srv/app.py" is missing, line up'), null],
    'a title with "at" and a time': [json('Tried at noon, at 10:15:30, and again later'), null],
    'an address with a port': [json('Ask for help at support.example.com:8443'), null],
    'a problem document': ['{"type":"urn:x","title":"No such user.","status":404,"code":"user-unknown"}', null],
    'Spring without a trace': [
      '{"timestamp":"2024-01-01T00:00:00.000+00:00","status":404,"error":"Not Found","path":"/user-info"}',
      null,
    ],
  };
  for (const [name, [body, found]] of Object.entries(cases)) {
    it(`${found === null ? 'finds no stack trace' : 'finds a stack trace'}: ${name}`, () => {
      expect(findStackTrace(body)).to.equal(found && `a stack trace of ${found}`);
    });
  }
});

describe('a body that would cause backtracking', () => {
  // A pattern that takes cubic time would need many seconds, so Mocha's timeout would end the test first.
  it('is searched like any other', () => {
    expect(findStackTrace('at a() in '.repeat(1638))).to.equal(null);
  }).timeout(3000);
});

describe('findBackendMessage', () => {
  const cases: Readonly<Record<string, [body: string, found: string | null]>> = {
    PostgreSQL: ['ERROR: syntax error at or near "x"', 'a message of a database'],
    'SQLite of PHP': ['SQLSTATE[HY000]: General error', 'a message of a database'],
    Oracle: ['ORA-01756: quoted string not properly terminated', 'a message of a database'],
    'a directory': [json('LDAP: error code 32 - No Such Object'), 'a message of an LDAP directory'],
    'a name in a directory': [json('no entry uid=x,ou=people,dc=example,dc=com'), 'a message of an LDAP directory'],
    'a host and port': [json('connect ECONNREFUSED 10.0.0.1:5432'), 'the address of a data source'],
    'a URL of a database': [json('postgresql://db.internal/users'), 'the address of a data source'],
    'a missing file': [json("ENOENT: no such file or directory, open '/data/users.csv'"), 'the path of a file'],
    'a path': [json('could not read /etc/users.csv'), 'the path of a file'],
    'a path of Windows': ['could not read C:\\data\\users.csv', 'the path of a file'],
    MySQL: ['You have an error in your SQL syntax; check the manual', 'a message of a database'],
    'SQLite of Node': ['SQLITE_ERROR: no such column', 'a message of a database'],
    'SQLite of Python': ['no such table: users', 'a message of a database'],
    'psycopg 2': ['psycopg2.OperationalError', 'a message of a database'],
    'psycopg 3': ['psycopg.OperationalError', 'a message of a database'],
    JDBC: ['jdbc:mysql', 'a message of a database'],
    MongoDB: ['MongoNetworkError: no', 'a message of a database'],
    'MongoDB of Python': ['MongoError', 'a message of a database'],
    'a directory of Spring': ['LDAPException(resultCode=49)', 'a message of an LDAP directory'],
    'a directory of Python': ['LDAPError: no', 'a message of an LDAP directory'],
    'a directory of PHP': ['ldap_bind(): Unable to bind', 'a message of an LDAP directory'],
    'a name with spaces in it': ['cn=readers, dc=example', 'a message of an LDAP directory'],
    'a name of a unit': ['ou=people-1,ou=staff', 'a message of an LDAP directory'],
    'a URL of PostgreSQL, shortened': ['postgres://db/users', 'the address of a data source'],
    'a URL of MongoDB': ['mongodb://db/users', 'the address of a data source'],
    'a URL of MongoDB by DNS': ['mongodb+srv://db/users', 'the address of a data source'],
    'a URL of a directory': ['ldap://directory', 'the address of a data source'],
    'a URL of a directory over TLS': ['ldaps://directory', 'the address of a data source'],
    'a URL of a queue': ['amqp://queue', 'the address of a data source'],
    'a number that is Oracle’s by chance': ['ORA-1', null],
    'an address of mail': ['Ask postgres-admins, mysql-admins or ldap@example.com', null],
    'a link of a page': [page('<a href="/usr/login">Log in</a> <img src=\'/opt/logo.png\'>'), null],
    'a URL': [json('See https://docs.example.com/opt/etc/errors'), null],
    'the path of the request': ['{"path":"/user-info","error":"Not Found"}', null],
    'the default page of nginx': [
      '<html><head><title>404 Not Found</title></head><body><center>nginx</center></body></html>',
      null,
    ],
  };
  for (const [name, [body, found]] of Object.entries(cases)) {
    it(`${found === null ? 'finds no message of a backend' : 'finds a message of a backend'}: ${name}`, () => {
      expect(findBackendMessage(body)).to.equal(found);
    });
  }
});

describe('the search for leaks', () => {
  it('takes linear time', () => {
    const starts = [
      'System.',
      'java.',
      'javax.',
      'at a(',
      'at a.b(a.',
      'at a(a) in ',
      '#1 (1',
      'File "',
      'ldap_',
      'ou=a-',
    ];
    // A pattern that takes quadratic time would need minutes for each text, and Mocha ends a test after one minute.
    for (const start of starts) {
      const body = `${start.repeat(1_000_000 / start.length)}x`;
      expect(findStackTrace(body)).to.equal(null);
      findBackendMessage(body);
    }
  });
});

describe('findVersion', () => {
  const answer = (status: number, rawHeaders: Answer['rawHeaders'], body = '') =>
    ({ status, rawHeaders, body: Buffer.from(body) }) as Pick<Answer, 'status' | 'rawHeaders' | 'body'>;
  const cases: Readonly<Record<string, [Parameters<typeof findVersion>[0], string | null]>> = {
    'Server with a version': [answer(200, [['Server', 'nginx/1.22.1']]), 'a version in the header server'],
    'a header in capitals': [answer(200, [['X-POWERED-BY', 'PHP/8.2.7']]), 'a version in the header x-powered-by'],
    'a bare version': [answer(404, [['X-AspNet-Version', '4.0.30319']]), 'a version in the header x-aspnet-version'],
    'a page of Tomcat': [answer(404, [], page('Apache Tomcat/9.0.71')), 'a version in the body'],
    'a version after a space': [answer(200, [['Server', 'Apache / 2']]), 'a version in the header server'],
    'a version with a v': [answer(200, [['X-Powered-By', 'Thing/v2']]), 'a version in the header x-powered-by'],
    'a generator': [answer(200, [['X-Generator', 'Drupal 10.1']]), 'a version in the header x-generator'],
    'MVC of ASP.NET': [answer(200, [['X-AspNetMvc-Version', '5.2']]), 'a version in the header x-aspnetmvc-version'],
    'a runtime': [answer(200, [['X-Runtime-Version', '1.2']]), 'a version in the header x-runtime-version'],
    'a version far from the beginning': [answer(404, [], `${' '.repeat(20_000)}nginx/1.22.1`), null],
    'a path after a slash': [answer(200, [['Server', 'gateway/eu']]), null],
    'Server without a version': [answer(200, [['Server', 'nginx']]), null],
    'a machine with a number': [answer(200, [['Server', 'node-17']]), null],
    'another header with numbers': [answer(200, [['X-Request-Id', '1.2.3']]), null],
    'a group that looks like one': [answer(200, [], '{"groups":[{"name":"node/20"}]}'), null],
  };
  for (const [name, [given, found]] of Object.entries(cases)) {
    it(`${found === null ? 'finds no version' : 'finds a version'}: ${name}`, () => {
      expect(findVersion(given)).to.equal(found);
    });
  }
});
