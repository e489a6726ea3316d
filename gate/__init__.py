"""The one decision: may we make this contact now, by this channel, at this place?"""
