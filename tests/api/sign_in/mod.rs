//! People sign in: from an app's request to one token for the app and the person.

mod journey;
