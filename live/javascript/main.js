// As a JavaScript action sees the job: the script beside it looks, with this process's environment.
if (process.env.INPUT_STAGE === 'main') {
  require('child_process').execFileSync(`${__dirname}/../runner`, ['docker-config-in-javascript-step', process.env.INPUT_WHERE], { stdio: 'inherit' });
}
