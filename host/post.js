'use strict';
require('./main.js')('ghcr-auth-post');
