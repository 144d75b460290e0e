// Posts run in reverse order: this one, of a step before ghcr-auth's, comes after its.
if (process.env.INPUT_STAGE === 'post') {
  require('child_process').execFileSync(`${__dirname}/../runner`, ['post-restored', process.env.INPUT_WHERE], { stdio: 'inherit' });
}
